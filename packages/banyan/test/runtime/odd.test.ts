import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import pg from 'pg'
import { z } from 'zod'
import { aggregate, app, command, contract, events, implement, postgres, query, single } from '../../src/index.ts'
import type { RunSql } from '../../src/model/context.ts'
import { silentLog } from '../../src/observe/log.ts'
import { start } from '../../src/runtime/start.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'

const Id = z.object({ id: z.string() })
const Count = z.object({ count: z.int() })
const odd = contract('odd', {
  count: query({ input: Id, output: Count }),
  rows: query({ input: z.object({}), output: z.array(z.string()) }),
  twice: command({ input: Id }),
  late: command({ input: Id }),
  other: command({ input: Id, output: Count }),
  wrongOutput: command({ input: Id, output: Count }),
  writesOutside: command({ input: Id }),
  writesOutsideRaw: command({ input: Id }),
  unstorable: command({ input: Id }),
  rowThenEvent: command({ input: Id }),
  sharedRow: command({ input: Id }),
  writesRow: command({ input: Id }),
  within: command({ input: z.object({ id: z.string(), commit: z.boolean() }) }),
  secondAggregate: command({ input: Id }),
  callsInside: command({ input: Id }),
  hangs: query({ input: z.object({}) }),
})
const { Ticked } = events({ Ticked: z.object({ note: z.string() }) })
const clock = aggregate('clock', {
  events: { Ticked },
  initial: 0,
  evolve: { Ticked: (count) => count + 1 },
  decide: { tick: (_count, note: string) => Ticked({ note }) },
})
const impostor = aggregate('clock', { events: { Ticked }, initial: '', evolve: { Ticked: (text) => `${text}.` }, decide: { tick: () => Ticked({ note: '' }) } })

interface Tables {
  note: { text: string }
}
let theirs: pg.Pool
/** Connections that handlers have: those of the unit, but two. */
const CONNECTIONS = 4
let holders = 0
const all = Promise.withResolvers<void>()
let sharers = 0
let repeating = false
const sharing = Promise.withResolvers<void>()
const locked = Promise.withResolvers<void>()
const lockShared = (tx: { readonly query: RunSql }): Promise<unknown> => tx.query("update note set text = text where text = 'shared'")
let schema: string
const parts = implement(odd, { uses: { odd }, store: postgres<Tables>({ migrations: import.meta.resolve('./odd') }) })
const service = parts.service({
  handlers: {
    count: async ({ id }, { load }) => ({ count: (await load(clock, id)).state }),
    rows: async (_input, { query: sql }) => (await sql<{ text: string }>('select text from note')).map(({ text }) => text),
    twice: async ({ id }, { transact }) => {
      await transact((tx) => tx.decide(clock, id).tick('1'))
      await transact((tx) => tx.decide(clock, id).tick('2'))
    },
    late: async ({ id }, { transact }) => {
      let escaped: (() => Promise<unknown>) | undefined
      await transact((tx) => {
        escaped = () => tx.decide(clock, id).tick('late')
      })
      await escaped!()
    },
    other: async ({ id }, { transact }) => {
      await transact(async (tx) => {
        await tx.decide(clock, id).tick('')
        return { count: 1 }
      })
      return { count: 2 }
    },
    wrongOutput: ({ id }, { transact }) =>
      transact(async (tx) => {
        await tx.decide(clock, id).tick('')
        return { count: 'many' as never }
      }),
    writesOutside: async ({ id }, { db }) => {
      await (db as never as { insertInto(table: string): { values(row: object): { execute(): Promise<void> } } })
        .insertInto('note')
        .values({ text: id })
        .execute()
    },
    writesOutsideRaw: async ({ id }, { query: sql }) => {
      await sql('insert into note (text) values ($1)', [id])
    },
    unstorable: ({ id }, { transact }) => transact((tx) => tx.decide(clock, id).tick('\u0000')),
    rowThenEvent: ({ id }, { transact }) =>
      transact(async (tx) => {
        await tx.query('insert into note (text) values ($1)', [id])
        if (++holders === CONNECTIONS) all.resolve()
        await all.promise
        await tx.decide(clock, id).tick('after a row')
      }),
    writesRow: ({ id }, { transact }) => transact((tx) => tx.query('insert into note (text) values ($1)', [id])),
    sharedRow: ({ id }, { transact }) =>
      transact(async (tx) => {
        if (id !== 'repeated') {
          await tx.query('select')
          if (++sharers === CONNECTIONS - 1) sharing.resolve()
          await locked.promise
        }
        await lockShared(tx)
        if (id !== 'repeated' || !repeating) return undefined
        locked.resolve()
        return sharing.promise
      }),
    within: async ({ id, commit }, { within }) => {
      const client = await theirs.connect()
      try {
        await client.query('begin')
        // for this transaction only, as a pooler wants it
        await client.query(`set local search_path to ${schema}`)
        await within(client, async (tx) => {
          await tx.query('insert into note (text) values ($1)', [id])
          await tx.decide(clock, id).tick('within')
        })
        await client.query(commit ? 'commit' : 'rollback')
      } finally {
        client.release()
      }
    },
    secondAggregate: ({ id }, { transact }) =>
      transact(async (tx) => {
        await tx.decide(clock, id).tick('')
        await tx.decide(impostor, id).tick()
      }),
    callsInside: ({ id }, { call, transact }) =>
      transact(async (tx) => {
        await tx.decide(clock, id).tick('')
        await call.odd.count({ id })
      }),
    hangs: (_input, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up')))),
  },
})

let installation: TestInstallation
let running: Awaited<ReturnType<typeof open>>
const oddApp = app('odd', { services: { odd: async () => ({ default: service }) }, topologies: { one: single({ connections: CONNECTIONS + 2 }) } })
function open() {
  return start(oddApp, { ...installation.options, log: silentLog })
}

beforeAll(async () => {
  installation = await testInstallation()
  running = await open()
  const connectionString = installation.options.database
  const finder = new pg.Client({ connectionString })
  await finder.connect()
  const { rows } = await finder.query<{ schema: string }>("select nspname as schema from pg_namespace where nspname like $1 || '\\_odd'", [
    installation.options.name,
  ])
  await finder.end()
  schema = rows[0]!.schema
  theirs = new pg.Pool({ connectionString, max: 1 })
})
afterAll(async () => {
  await theirs.end()
  await running[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const failure = async (call: Promise<unknown>) =>
  call.then(
    () => 'nothing failed',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )

test('transactions that hold all connections need no more to decide', async () => {
  const ids = Array.from({ length: CONNECTIONS }, (_, index) => `holder ${index}`)
  expect(await Promise.all(ids.map((id) => failure(running.call.odd.rowThenEvent({ id }))))).toEqual(ids.map(() => 'nothing failed'))
  expect(await Promise.all(ids.map((id) => running.call.odd.count({ id })))).toEqual(ids.map(() => ({ count: 1 })))
})

test('a repeat that finds out so while others hold all connections and wait for its locks is answered', async () => {
  await running.call.odd.writesRow({ id: 'shared' })
  const once = { idempotencyKey: 'shared-row' }
  await running.call.odd.sharedRow({ id: 'repeated' }, once)
  repeating = true
  const others = Array.from({ length: CONNECTIONS - 1 }, (_, index) => failure(running.call.odd.sharedRow({ id: `other ${index}` })))
  expect(await Promise.all([failure(running.call.odd.sharedRow({ id: 'repeated' }, once)), ...others])).toEqual(
    Array.from({ length: CONNECTIONS }, () => 'nothing failed'),
  )
})

describe('what a handler may not do is told, and leaves nothing behind', () => {
  test('two transactions', async () => {
    expect(await failure(running.call.odd.twice({ id: 'a' }))).toMatch(/^invalid_transaction: odd.twice transacts twice/)
    expect(await running.call.odd.count({ id: 'a' })).toEqual({ count: 1 })
  })

  test('a transaction used after its end', async () => {
    expect(await failure(running.call.odd.late({ id: 'b' }))).toMatch(/^invalid_transaction: .*after its function returned/)
    expect(await running.call.odd.count({ id: 'b' })).toEqual({ count: 0 })
  })

  test('an answer that is not the transaction’s', async () => {
    expect(await failure(running.call.odd.other({ id: 'c' }))).toMatch(/^invalid_transaction: odd.other returned something other/)
  })

  test('an answer that the contract does not allow', async () => {
    expect(await failure(running.call.odd.wrongOutput({ id: 'd' }))).toMatch(/^invalid_output: .*\/count/)
  })

  test('writing outside a transaction', async () => {
    expect(await failure(running.call.odd.writesOutside({ id: 'e' }))).toMatch(/^read_only/)
    expect(await failure(running.call.odd.writesOutsideRaw({ id: 'e' }))).toMatch(/^read_only/)
    expect(await running.call.odd.rows({})).not.toContain('e')
  })

  test('a call while the transaction runs', async () => {
    expect(await failure(running.call.odd.callsInside({ id: 'j' }))).toMatch(/^invalid_transaction: odd calls another service inside its transaction/)
    expect(await running.call.odd.count({ id: 'j' })).toEqual({ count: 0 })
  })

  test('an event that cannot be stored', async () => {
    expect(await failure(running.call.odd.unstorable({ id: 'f' }))).toMatch(/^invalid_event: the event clock.Ticked holds the character U\+0000/)
  })

  test('two aggregates of one name', async () => {
    expect(await failure(running.call.odd.secondAggregate({ id: 'g' }))).toMatch(/^invalid_transaction: the service has two aggregates called 'clock'/)
    expect(await running.call.odd.count({ id: 'g' })).toEqual({ count: 0 })
  })
})

describe('within a transaction of somebody else', () => {
  test('rows and events commit with it', async () => {
    await running.call.odd.within({ id: 'h', commit: true })
    expect(await running.call.odd.rows({})).toContain('h')
    expect(await running.call.odd.count({ id: 'h' })).toEqual({ count: 1 })
  })

  test('and are gone with it', async () => {
    await running.call.odd.within({ id: 'i', commit: false })
    expect(await running.call.odd.rows({})).not.toContain('i')
    expect(await running.call.odd.count({ id: 'i' })).toEqual({ count: 0 })
  })
})

test('a query that hangs ends at its deadline', async () => {
  expect(await failure(running.call.odd.hangs({}, { deadline: '50ms' }))).toMatch(/^deadline_exceeded/)
})
