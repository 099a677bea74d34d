import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { int4Array, jsonArray, textArray, uuidArray } from '../../../packages/banyan/src/events/binary-array.ts'
import { orderEvents, type PeerKind } from '../peer.ts'
import { handWrittenTables } from './one-call.ts'

const schema = 'batched'

/** New streams are inserted, known ones updated where the version is right; events of streams that were neither are left out. */
const statement = `
  with incoming as materialized (select * from unnest($1::text[], $2::int[]) as i(stream, expected)),
  created as (insert into ${schema}.streams select stream, 2 from incoming where expected = 0 on conflict do nothing returning stream),
  grown as (update ${schema}.streams s set version = s.version + 2 from incoming i where i.expected > 0 and s.stream = i.stream and s.version = i.expected returning s.stream),
  passed as (select stream from created union all select stream from grown),
  added as (
    insert into ${schema}.events (stream, version, id, type, data, meta)
    select stream, version, id, type, data, meta from unnest($3::text[], $4::int[], $5::uuid[], $6::text[], $7::json[], $8::json[]) as e(stream, version, id, type, data, meta)
    where stream in (select stream from passed)
  )
  select array_to_json(array_agg(stream))::text as passed from passed`

interface Waiting {
  readonly stream: string
  readonly expected: number
  readonly settle: (passed: boolean) => void
  readonly fail: (error: unknown) => void
}

const MOST = 256

/** Batches travel while the one before is committed: two at a time on one connection. */
class Batches {
  readonly #client: pg.Client
  #waiting: Waiting[] = []
  #inFlight = 0
  #scheduled = false

  constructor(client: pg.Client) {
    this.#client = client
  }

  append(stream: string, expected: number): Promise<boolean> {
    return new Promise((settle, fail) => {
      this.#waiting.push({ stream, expected, settle, fail })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      while (this.#inFlight < 2 && this.#waiting.length > 0) {
        const share = this.#inFlight === 0 && this.#waiting.length >= 64 ? Math.ceil(this.#waiting.length / 2) : this.#waiting.length
        void this.#send(this.#waiting.splice(0, Math.min(share, MOST)))
      }
    })
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#inFlight++
    try {
      const { rows } = await this.#client.query<{ passed: string }>(statement, parameters(batch))
      const passed = new Set(JSON.parse(rows[0]!.passed) as string[])
      for (const { stream, settle } of batch) settle(passed.has(stream))
    } catch (error) {
      for (const { fail } of batch) fail(error)
    } finally {
      this.#inFlight--
      this.#schedule()
    }
  }
}

function parameters(batch: readonly Waiting[]): Buffer[] {
  const [streams, versions, types, data, meta, ids]: [string[], number[], string[], string[], string[], string[]] = [[], [], [], [], [], []]
  for (const { stream, expected } of batch) {
    const events = orderEvents(stream)
    const metaText = JSON.stringify(events[0]!.meta)
    events.forEach((event, index) => {
      streams.push(stream)
      versions.push(expected + index + 1)
      types.push(event.type)
      ids.push(randomUUID())
      data.push(JSON.stringify(event.data))
      meta.push(metaText)
    })
  }
  const heads = [textArray(batch.map(({ stream }) => stream)), int4Array(batch.map(({ expected }) => expected))]
  return [...heads, textArray(streams), int4Array(versions), uuidArray(ids), textArray(types), jsonArray(data), jsonArray(meta)]
}

export const batched: PeerKind = {
  name: 'batched statement, the limit',
  remarks:
    'written by hand for this very workload: one statement for all that arrives together, pipelined, binary; version checked per append, but one bad value fails its batch, a stream may occur once in a batch, and readers by position lose events; no keys, no sends, no partitions, no months',
  async prepare(client) {
    await client.query(handWrittenTables(schema))
  },
  async start({ connection }) {
    const client = new pg.Client({ ...connection, pipeline: true })
    await client.connect()
    const batches = new Batches(client)
    return {
      async append(stream, after) {
        const expected = (after as number | undefined) ?? 0
        if (!(await batches.append(stream, expected))) throw new Error('batched: version conflict')
        return expected + 2
      },
      [Symbol.asyncDispose]: () => client.end(),
    }
  },
}
