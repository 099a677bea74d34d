import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PreparedNames } from '../store/prepared.ts'
import type { Sql } from '../store/sql.ts'
import { testDatabase, type TestDatabase } from '../testing/database.ts'
import { applyInOrder, Overtaken, type Manners, type Step } from './apply-run.ts'

let db: TestDatabase
let client: pg.PoolClient
beforeAll(async () => {
  const sql = 'create table journal (n bigserial primary key, step integer not null, line integer not null check (line < 100))'
  db = await testDatabase({ migrations: [{ name: 'test', migrations: [{ id: 1, name: 'journal', sql }] }] })
})
afterAll(() => db[Symbol.asyncDispose]())
beforeEach(async () => {
  client = await db.database.pool.connect()
  await client.query('begin')
})
afterEach(async () => {
  await client.query('rollback')
  client.release()
})

const insert = 'insert into journal (step, line) values ($1, $2)'
const write = (sql: Sql, step: number, line: number): Promise<unknown> => sql.query(insert, [step, line])
const read = (sql: Sql): Promise<unknown> => sql.query('select count(*) from journal')
const written = async (): Promise<unknown[]> =>
  (await client.query<{ at: string }>(`select step || '.' || line as at from journal order by n`)).rows.map(({ at }) => at)

/** What functions may do. */
const habits = {
  nothing: async () => {},
  one: (sql: Sql, step: number) => write(sql, step, 0),
  'two at once': (sql: Sql, step: number) => Promise.all([write(sql, step, 0), write(sql, step, 1)]),
  'two at once after a promise': async (sql: Sql, step: number) => {
    await Promise.resolve()
    await Promise.all([write(sql, step, 0), Promise.resolve().then(() => write(sql, step, 1))])
  },
  'one after a while': async (sql: Sql, step: number) => {
    await new Promise((resolve) => setImmediate(resolve))
    await write(sql, step, 0)
  },
  'one after an answer': async (sql: Sql, step: number) => {
    await read(sql)
    await write(sql, step, 0)
  },
  'sometimes more': async (sql: Sql, step: number) => {
    await write(sql, step, 0)
    if (step % 3 === 2) await write(sql, step, 1)
  },
} as const
type Habit = keyof typeof habits
const lines = (habit: Habit, step: number): number[] => {
  if (habit === 'nothing') return []
  return habit.startsWith('two') || (habit === 'sometimes more' && step % 3 === 2) ? [0, 1] : [0]
}

/** Runs until nothing is overtaken, as projections do; answers how often it was. */
async function applied(steps: readonly Step[], manners: Manners, names?: PreparedNames): Promise<number> {
  for (let overtaken = 0; ; overtaken++) {
    await client.query('savepoint before')
    try {
      await applyInOrder(client, steps, manners, names)
      return overtaken
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
      await client.query('rollback to before')
    }
  }
}

describe('the statements of functions', () => {
  test('reach the database in the order of the functions, whatever these do', async () => {
    const kinds = Object.fromEntries(Object.keys(habits).map((habit) => [habit, {}])) as Record<Habit, object>
    const manners: Manners = new WeakMap()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...(Object.keys(habits) as Habit[])), { maxLength: 60 }), fc.boolean(), async (planned, named) => {
        await client.query('delete from journal')
        const steps = planned.map((habit, step) => ({ kind: kinds[habit], run: (sql: Sql) => habits[habit](sql, step) }))
        await applied(steps, manners, named ? new PreparedNames() : undefined)
        expect(await written()).toEqual(planned.flatMap((habit, step) => lines(habit, step).map((line) => `${step}.${line}`)))
      }),
      { numRuns: 40 },
    )
  })

  test('overlap on their way, once it is known that a function sends all it has to send at once', async () => {
    const told: string[] = []
    const kind = {}
    const steps = [0, 1, 2, 3].map((step) => ({
      kind,
      async run(sql: Sql) {
        told.push(`sent ${step}`)
        await write(sql, step, 0)
        told.push(`answered ${step}`)
      },
    }))
    await applyInOrder(client, steps, new WeakMap())
    expect(told).toEqual(['sent 0', 'answered 0', 'sent 1', 'sent 2', 'sent 3', 'answered 1', 'answered 2', 'answered 3'])
  })

  test('may wait for the answer to that of another function', async () => {
    const kinds = [{}, {}]
    const manners: Manners = new WeakMap()
    for (let round = 0; round < 3; round++) {
      let found: Promise<unknown> | undefined
      const steps = [0, 1, 2].map((step) => ({
        kind: kinds[step === 0 ? 0 : 1]!,
        run: (sql: Sql) => (step === 0 ? (found = read(sql)) : found!.then(() => write(sql, step, 0))),
      }))
      await applied(steps, manners)
    }
    expect(await written()).toEqual(['1.0', '2.0', '1.0', '2.0', '1.0', '2.0'])
  })

  test('of a function that goes on after an answer for once are not mixed with those of later ones', async () => {
    const manners: Manners = new WeakMap()
    const kind = {}
    const steps = Array.from({ length: 20 }, (_, step) => ({
      kind,
      async run(sql: Sql) {
        await write(sql, step, 0)
        if (step === 7) await write(sql, step, 1)
      },
    }))
    expect(await applied(steps, manners)).toBe(1)
    expect((await written()).slice(6, 10)).toEqual(['6.0', '7.0', '7.1', '8.0'])
    // known from now on
    expect(await applied(steps, manners)).toBe(0)
  })
})

describe('a failure', () => {
  const failing = (fail: (sql: Sql, step: number) => unknown): Step[] => {
    const [good, bad] = [{}, {}]
    return Array.from({ length: 30 }, (_, step) =>
      step === 12 || step === 20 ? { kind: bad, run: (sql: Sql) => fail(sql, step) } : { kind: good, run: (sql: Sql) => write(sql, step, 0) },
    )
  }

  test('of a statement is that of the first function that failed, and later ones do not begin', async () => {
    const manners: Manners = new WeakMap()
    await applyInOrder(
      client,
      failing((sql, step) => write(sql, step, 1)),
      manners,
    )
    await expect(
      applyInOrder(
        client,
        failing((sql, step) => write(sql, step, step * 100)),
        manners,
      ),
    ).rejects.toMatchObject({ code: '23514', detail: /12, 1200/ })
    await client.query('rollback')
    await client.query('begin')
    expect(await written()).toEqual([])
  })

  test('is heard while a later function waits for something else', async () => {
    const [first, second] = [{}, {}]
    const failed = Promise.withResolvers<void>()
    const manners: Manners = new WeakMap([
      [first, 'at once'],
      [second, 'at once'],
    ])
    const steps = [
      { kind: first, run: (sql: Sql) => write(sql, 0, 1_000).finally(failed.resolve) },
      {
        kind: second,
        async run() {
          await failed.promise
          await new Promise((resolve) => setImmediate(resolve))
        },
      },
    ]
    await expect(applyInOrder(client, steps, manners)).rejects.toMatchObject({ code: '23514' })
  })

  test('of a function itself waits for what others have begun', async () => {
    let ended = 0
    const steps = failing(() => {
      throw new Error('no')
    }).map((step, index) => ({ ...step, run: async (sql: Sql) => (await step.run(sql), index < 12 && ended++) }))
    await expect(applyInOrder(client, steps, new WeakMap())).rejects.toThrow('no')
    expect(ended).toBe(12)
  })

  test('is a statement of a function that was waited for until it had ended', async () => {
    const kind = {}
    const late: Promise<unknown>[] = []
    const laterSent = Promise.withResolvers<void>()
    const steps = [0, 1, 2].map((step) => ({
      kind,
      async run(sql: Sql) {
        await read(sql)
        await read(sql)
        if (step === 0) late.push(laterSent.promise.then(() => write(sql, step, 0)).catch((error: unknown) => error))
        else laterSent.resolve()
        await read(sql)
      },
    }))
    await expect(applied(steps, new WeakMap())).rejects.toMatchObject({ code: 'invalid_transaction' })
    expect(await Promise.all(late)).toMatchObject([{ message: /await every statement/ }])
  })

  test('is a statement after all is over', async () => {
    let late: Sql | undefined
    await applyInOrder(client, [{ kind: {}, run: (sql) => void (late = sql) }], new WeakMap())
    await expect(write(late!, 1, 0)).rejects.toMatchObject({ code: 'invalid_transaction', message: /await every statement/ })
  })
})
