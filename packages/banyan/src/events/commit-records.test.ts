import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { append, keyed, kindsOf, newStream, record, unit, versionsOf } from '../../test/events/units.ts'
import { uuidv7 } from '../kernel/id.ts'
import { sqlState } from '../store/sql-errors.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import type { Unit } from './unit.ts'

let db: TestDatabase
let sql: pg.Pool

beforeAll(async () => {
  db = await logDatabase()
  sql = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

describe('idempotency keys', () => {
  test('a repeat is answered with what was recorded, also when the world has moved on', async () => {
    const [key, stream] = [uuidv7(), newStream()]
    const command = keyed(key, append(stream, 0))
    expect(await kindsOf(sql, command)).toEqual(['committed'])
    const duplicate = { kind: 'duplicate', input: 'hash', result: '{"value": 1}' }
    expect(await commitUnits(sql, [command])).toEqual([duplicate])
    expect(await commitUnits(sql, [keyed(key, append(newStream(), 0)), keyed(uuidv7(), append(newStream(), 0))])).toEqual([
      duplicate,
      expect.objectContaining({ kind: 'committed' }),
    ])
    expect(await versionsOf(sql, stream)).toEqual([1])
  })

  test('the same key for another operation, tenant or subject is another key', async () => {
    const key = uuidv7()
    const others = [{ operation: 'cancel' }, { tenant: 'u' }, { subject: 'v' }].map((change): Unit => ({
      ...unit(append(newStream(), 0)),
      key: { ...record(key), ...change },
    }))
    expect(await kindsOf(sql, keyed(key), ...others)).toEqual(['committed', 'committed', 'committed', 'committed'])
    expect(await kindsOf(sql, ...others)).toEqual(['duplicate', 'duplicate', 'duplicate'])
  })

  test('twice in a batch, the second is the duplicate, unless the first fails', async () => {
    const [key, failing] = [uuidv7(), uuidv7()]
    expect(await kindsOf(sql, keyed(key, append(newStream(), 0)), keyed(key, append(newStream(), 0)))).toEqual(['committed', 'duplicate'])
    expect(await kindsOf(sql, keyed(failing, append(newStream(), 3)), keyed(failing, append(newStream(), 0)))).toEqual(['conflict', 'committed'])
  })

  test('two transactions with the same key: the second waits for the first', async () => {
    const [key, first] = [uuidv7(), await db.database.connect()]
    await first.query('begin')
    await commitUnits(first, [keyed(key, append(newStream(), 0))])
    const second = commitUnits(sql, [keyed(key, append(newStream(), 0))])
    const batch = commitUnits(sql, [keyed(key, append(newStream(), 0)), keyed(uuidv7(), append(newStream(), 0))]).then(
      (outcomes) => outcomes.map(({ kind }) => kind),
      sqlState,
    )
    await first.query('commit')
    expect(await second).toMatchObject([{ kind: 'duplicate' }])
    // of several, those that came first may have been written already: all of it is to be done again
    expect(await batch).toSatisfy((found: unknown) => found === '40001' || String(found) === 'duplicate,committed')
    await first.end()
  })
})

describe('checkpoints', () => {
  const advance = (subscription: string, epoch: number, position: number, partition = 1): Unit => ({
    ...unit(),
    checkpoint: { subscription, source: 'orders', partition, epoch, position },
  })

  async function seeded(): Promise<string> {
    const subscription = uuidv7()
    await sql.query('insert into banyan_subscriptions (subscription, source, partition, epoch, position) values ($1, $2, 1, 3, 10), ($1, $2, 2, 3, 10)', [
      subscription,
      'orders',
    ])
    return subscription
  }

  test('move while the lease has the epoch, and only forward', async () => {
    const subscription = await seeded()
    expect(await kindsOf(sql, advance(subscription, 2, 11))).toEqual(['lease_lost'])
    expect(await kindsOf(sql, advance(subscription, 3, 11), advance(subscription, 3, 12, 2))).toEqual(['committed', 'committed'])
    expect(await kindsOf(sql, advance(subscription, 3, 11), advance(subscription, 3, 12), advance(subscription, 3, 12), advance(subscription, 3, 13))).toEqual([
      'lease_lost',
      'committed',
      'lease_lost',
      'committed',
    ])
    const { rows } = await sql.query('select position::int from banyan_subscriptions where subscription = $1 order by partition', [subscription])
    expect(rows).toEqual([{ position: 13 }, { position: 12 }])
  })

  test('a unit whose lease is lost adds nothing', async () => {
    const subscription = await seeded()
    const stream = newStream()
    expect(await kindsOf(sql, { ...advance(subscription, 4, 11), streams: [append(stream, 'any')] }, unit(append(newStream(), 0)))).toEqual([
      'lease_lost',
      'committed',
    ])
    expect(await versionsOf(sql, stream)).toEqual([])
  })

  test('a takeover waits for the commit under the old epoch, and the old owner for the takeover', async () => {
    const subscription = await seeded()
    const taker = await db.database.connect()
    await taker.query('begin')
    await taker.query('update banyan_subscriptions set epoch = 4 where subscription = $1', [subscription])
    const old = kindsOf(sql, advance(subscription, 3, 11))
    await taker.query('commit')
    expect(await old).toEqual(['lease_lost'])
    await taker.end()
  })
})
