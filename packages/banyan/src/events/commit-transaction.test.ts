import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { append, keyed, kindsOf, newStream, unit, versionsOf } from '../../test/events/units.ts'
import { uuidv7 } from '../kernel/id.ts'
import { sqlState } from '../store/sql-errors.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import type { Expected, Unit } from './unit.ts'

let db: TestDatabase
let sql: pg.Pool

beforeAll(async () => {
  db = await logDatabase()
  sql = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

describe('within a transaction of its own', () => {
  test('what was checked is still true at the commit', async () => {
    const [stream, owner] = [newStream(), await db.database.connect()]
    await owner.query('begin')
    expect(await commitUnits(owner, [unit(append(stream, 'absent', 0))])).toMatchObject([{ kind: 'committed' }])
    let appended = false
    const other = commitUnits(sql, [unit(append(stream, 0))]).then((outcomes) => ((appended = true), outcomes))
    await expect
      .poll(async () => (await sql.query(`select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted`)).rows[0].waiting)
      .toBeGreaterThan(0)
    expect(appended).toBe(false)
    await owner.query('commit')
    expect(await other).toMatchObject([{ kind: 'committed' }])
    await owner.end()
  })

  test('it is ended by the server if its client stops', async () => {
    const client = await db.database.connect()
    const timeout = async () => (await client.query(`select current_setting('idle_in_transaction_session_timeout') as timeout`)).rows[0].timeout
    const before = await timeout()
    for (const units of [[unit(append(newStream(), 0))], [unit(append(newStream(), 'any'))]]) {
      await client.query('begin')
      await commitUnits(client, units)
      expect(await timeout()).toBe('10s')
      await client.query('commit')
      expect(await timeout()).toBe(before)
    }
    await client.end()
  })

  test('undone with it', async () => {
    const [stream, key, owner] = [newStream(), uuidv7(), await db.database.connect()]
    await owner.query('begin')
    await commitUnits(owner, [keyed(key, append(stream, 0))])
    await owner.query('rollback')
    expect(await versionsOf(sql, stream)).toEqual([])
    expect(await kindsOf(sql, keyed(key, append(stream, 0)))).toEqual(['committed'])
    await owner.end()
  })
})

describe.each(['repeatable read', 'serializable'])('in a %s transaction whose snapshot is old', (isolation) => {
  /** What a unit comes to, alone or with others, when another writer has appended to the stream since the snapshot was taken. */
  async function afterOthers(stream: string, late: Unit, ...others: Unit[]): Promise<string> {
    const client = await db.database.connect()
    try {
      await client.query(`begin isolation level ${isolation}`)
      await client.query('select 1 from banyan_streams limit 1')
      await commitUnits(sql, [unit(append(stream, 'any'))])
      const [outcome] = await commitUnits(client, [late, ...others])
      if (outcome!.kind === 'committed') await client.query('commit')
      return outcome!.kind
    } catch (error) {
      return sqlState(error) ?? 'unknown'
    } finally {
      await client.end()
    }
  }

  test.each<Expected>([0, 1, 2, 'any', 'exists', 'absent'])('%s never gives a version twice', async (expected) => {
    for (const existing of [0, 1]) {
      const stream = newStream()
      if (existing) await commitUnits(sql, [unit(append(stream, 0))])
      expect(await afterOthers(stream, unit(append(stream, expected)))).toMatch(/^(40001|conflict)$/)
      expect(await afterOthers(stream, unit(append(stream, typeof expected === 'number' ? expected + 1 : expected)), unit(append(newStream(), 0)))).toMatch(
        /^(40001|conflict)$/,
      )
      expect(await versionsOf(sql, stream)).toEqual(existing ? [1, 2, 3] : [1, 2])
    }
  })

  test.each<[Expected, number]>([
    [0, 0],
    ['absent', 0],
    [1, 1],
  ])('an assertion of %s does not hold wrongly', async (expected, existing) => {
    const stream = newStream()
    if (existing) await commitUnits(sql, [unit(append(stream, 0))])
    expect(await afterOthers(stream, unit(append(stream, expected, 0)))).toBe('40001')
  })

  test('with a true snapshot it commits as ever', async () => {
    const [stream, asserted, client] = [newStream(), newStream(), await db.database.connect()]
    await client.query(`begin isolation level ${isolation}`)
    expect(await commitUnits(client, [keyed(uuidv7(), append(stream, 0, 2), append(asserted, 'absent', 0))])).toMatchObject([
      { kind: 'committed', versions: [2, 0] },
    ])
    await client.query('commit')
    await client.end()
    expect(await versionsOf(sql, stream)).toEqual([1, 2])
    expect((await sql.query('select from banyan_streams where stream = $1', [asserted])).rowCount).toBe(0)
  })

  test('a key recorded since the snapshot is not executed again', async () => {
    const [key, client] = [uuidv7(), await db.database.connect()]
    await client.query(`begin isolation level ${isolation}`)
    await client.query('select 1 from banyan_keys limit 1')
    await commitUnits(sql, [keyed(key, append(newStream(), 0))])
    await expect(commitUnits(client, [keyed(key, append(newStream(), 0))])).rejects.toMatchObject({ code: '40001' })
    await client.end()
  })
})
