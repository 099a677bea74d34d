import pg from 'pg'
import { committer } from '../../../packages/banyan/src/events/committer.ts'
import { frameworkMigrations } from '../../../packages/banyan/src/events/framework-migrations.ts'
import { StateCache, type StreamState } from '../../../packages/banyan/src/events/state-cache.ts'
import type { NewEvent } from '../../../packages/banyan/src/events/event.ts'
import type { Outcome, Unit } from '../../../packages/banyan/src/events/unit.ts'
import { uuidv7 } from '../../../packages/banyan/src/kernel/id.ts'
import { orderEvents, type Peer, type PeerKind } from '../peer.ts'

const schema = 'banyan'

function peer(name: string, remarks: string, keyed: boolean): PeerKind {
  return {
    name,
    remarks,
    async prepare(client) {
      await client.query(`create schema if not exists ${schema}`)
      await client.query(`set search_path = ${schema}`)
      const { rows } = await client.query(`select to_regclass('banyan_log') as log`)
      if (rows[0].log === null) for (const { sql } of frameworkMigrations) await client.query(sql)
    },
    async start({ connection }) {
      const connect = async () => {
        const client = new pg.Client({ ...connection, options: `${connection.options ?? ''} -c search_path=${schema}` })
        await client.connect()
        return client
      }
      return through(committer({ connect }), keyed)
    },
  }
}

function through(commits: ReturnType<typeof committer>, keyed: boolean): Peer {
  const states = new StateCache()
  return {
    async append(stream, after) {
      const [unit, state] = unitFor(stream, after as StreamState | undefined, keyed)
      committed(await commits.submit(unit))
      return state
    },
    async appendHot(stream) {
      const base = states.latest(stream) ?? { version: 0, state: 0 }
      const [unit, next] = unitFor(stream, base, keyed)
      committed(await states.submit([{ stream, base, next }], () => commits.submit(unit)))
    },
    [Symbol.asyncDispose]: () => commits[Symbol.asyncDispose](),
  }
}

function unitFor(stream: string, after: StreamState | undefined, keyed: boolean): [Unit, StreamState] {
  const events = orderEvents(stream)
  const meta = JSON.stringify(events[0]!.meta)
  const recorded = events.map(({ type, data }): NewEvent => ({ id: uuidv7(), type, schema: 1, data: JSON.stringify(data), meta }))
  const version = after?.version ?? 0
  const append = { stream, expected: version, events: recorded, ...(after?.last === undefined ? {} : { last: after.last }) }
  const key = {
    key: uuidv7(),
    operation: 'place',
    tenant: '',
    subject: 'user-1234',
    input: 'kS3BvuTBGPmQ7fpYx8EPVvNnQuDXDy6xH2N2Cz1nY8c',
    result: `{"value":{"orderId":"${stream}"}}`,
  }
  return [
    { tenant: '', streams: [append], sends: [], ...(keyed ? { key } : {}) },
    { version: version + recorded.length, last: recorded.at(-1)!.id, state: 0 },
  ]
}

function committed(outcome: Outcome): void {
  if (outcome.kind !== 'committed') throw new Error(`banyan: ${JSON.stringify(outcome)}`)
}

export const banyan: PeerKind = peer(
  'banyan',
  'group committer on one connection: version and last event checked per append, an outcome per append, partitions locked to the commit so that readers miss nothing',
  false,
)
export const banyanKeyed: PeerKind = peer('banyan, with keys', 'the same, with an idempotency key and its result recorded with each append', true)
