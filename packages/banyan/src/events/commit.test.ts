import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { uuidv7 } from '../kernel/id.ts'
import { sqlState } from '../store/sql-errors.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits, type CommitStyle } from './commit.ts'
import type { NewEvent } from './event.ts'
import { partitionOf } from './partition.ts'
import type { Expected, KeyRecord, StreamAppend, Unit } from './unit.ts'

let db: TestDatabase
let sql: pg.Pool

beforeAll(async () => {
  db = await logDatabase()
  sql = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

function event(data = '{}'): NewEvent {
  return { id: uuidv7(), type: 'Happened', schema: 1, data, meta: '{"by":"test"}' }
}

function append(stream: string, expected: Expected, count = 1, last?: string): StreamAppend & { readonly events: readonly NewEvent[] } {
  return { stream, expected, events: Array.from({ length: count }, () => event()), ...(last === undefined ? {} : { last }) }
}

function unit(...streams: StreamAppend[]): Unit {
  return { tenant: 't', streams, sends: [] }
}

function keyed(key: string, ...streams: StreamAppend[]): Unit {
  return { ...unit(...streams), key: record(key) }
}

function record(key: string, result = '{"value": 1}'): KeyRecord {
  return { key, operation: 'place', tenant: 't', subject: 's', input: 'hash', result }
}

function newStream(): string {
  return `order/${uuidv7()}`
}

async function versions(stream: string): Promise<number[]> {
  const { rows } = await sql.query<{ version: number }>('select version from banyan_events where stream = $1 order by position', [stream])
  return rows.map(({ version }) => version)
}

async function kinds(...units: Unit[]): Promise<string[]> {
  return (await commitUnits(sql, units)).map(({ kind }) => kind)
}

describe.each<CommitStyle>(['within', 'alone'])('a commit asked for %s', (style) => {
  test('adds events as they are given, and says where they are', async () => {
    const [stream, other] = [newStream(), `kunde/Jürgen "${uuidv7()}" \\ {,} 🌳`]
    const data = '{"text": "quote \\" backslash \\\\ comma , brace } Grüße 🌳",   "n": 1.10}'
    const first: NewEvent = { ...event(data), type: 'Placed "quoted"', schema: 3 }
    const outcome = await commitUnits(sql, [{ tenant: 'ten"ant', streams: [{ stream, expected: 'absent', events: [first, event()] }, append(other, 0)], sends: [] }], style)
    const { rows } = await sql.query(
      'select stream, version, partition, position::int, type, schema, id, tenant, data::text, meta::text from banyan_events where stream = any($1) order by position',
      [[stream, other]],
    )
    expect(rows[0]).toEqual({ stream, version: 1, partition: partitionOf(stream), position: expect.any(Number), type: first.type, schema: 3, id: first.id, tenant: 'ten"ant', data, meta: first.meta })
    expect(rows.map((row) => [row.stream, row.version])).toEqual([
      [stream, 1],
      [stream, 2],
      [other, 1],
    ])
    const positions = [stream, other].map((name, index) => ({ partition: partitionOf(name), position: rows[index + 1].position }))
    expect(outcome).toEqual([{ kind: 'committed', versions: [2, 1], positions: partitionOf(stream) === partitionOf(other) ? [positions[1]] : positions }])
  })

  test('adds keys, sends and checkpoints with the events', async () => {
    const [key, id, stream, subscription] = [uuidv7(), uuidv7(), newStream(), uuidv7()]
    await sql.query('insert into banyan_subscriptions (subscription, source, partition, epoch) values ($1, $2, 5, 7)', [subscription, 'orders'])
    const send = { id, service: 'payments', operation: 'charge', input: '{"amount": 1}', context: '{"a": "b"}' }
    const whole: Unit = { ...keyed(key, append(stream, 0)), sends: [send], checkpoint: { subscription, source: 'orders', partition: 5, epoch: 7, position: 2 ** 40 } }
    expect(await commitUnits(sql, [whole], style)).toMatchObject([{ kind: 'committed', versions: [1] }])
    const { rows: keys } = await sql.query('select operation, tenant, subject, input, result::text from banyan_keys where key = $1', [key])
    expect(keys).toEqual([{ operation: 'place', tenant: 't', subject: 's', input: 'hash', result: '{"value": 1}' }])
    const { rows: work } = await sql.query('select kind, tenant, service, operation, input, context, attempts from banyan_work where id = $1', [id])
    expect(work).toEqual([{ kind: 'send', tenant: 't', service: 'payments', operation: 'charge', input: { amount: 1 }, context: { a: 'b' }, attempts: 0 }])
    const { rows: checkpoints } = await sql.query('select position from banyan_subscriptions where subscription = $1', [subscription])
    expect(checkpoints).toEqual([{ position: String(2 ** 40) }])
  })
})

describe('expectations', () => {
  test.each<[Expected, number, boolean]>([
    [0, 0, true],
    [0, 2, false],
    [2, 2, true],
    [1, 2, false],
    [3, 2, false],
    ['absent', 0, true],
    ['absent', 1, false],
    ['exists', 0, false],
    ['exists', 1, true],
    ['any', 0, true],
    ['any', 3, true],
  ])('%s on a stream with %i events: %s', async (expected, existing, holds) => {
    const [stream, asserted] = [newStream(), newStream()]
    if (existing > 0) await commitUnits(sql, [unit(append(stream, 0, existing)), unit(append(asserted, 0, existing))])
    const refused = (name: string) => ({ kind: 'conflict', stream: name, expected, actual: existing })
    expect(await commitUnits(sql, [unit(append(stream, expected, 2)), unit(append(asserted, expected, 0))])).toEqual([
      holds ? { kind: 'committed', versions: [existing + 2], positions: [expect.anything()] } : refused(stream),
      holds ? { kind: 'committed', versions: [existing], positions: [] } : refused(asserted),
    ])
    expect(await versions(stream)).toHaveLength(existing + (holds ? 2 : 0))
    const { rows } = await sql.query('select version from banyan_streams where stream = $1', [asserted])
    expect(rows, 'an assertion leaves nothing behind').toHaveLength(existing > 0 ? 1 : 0)
  })

  test('a stream of the same length with another history is a conflict', async () => {
    const stream = newStream()
    const first = append(stream, 0)
    await commitUnits(sql, [unit(first)])
    expect(await kinds(unit(append(stream, 1, 1, uuidv7())))).toEqual(['conflict'])
    expect(await kinds(unit(append(stream, 1, 0, uuidv7())))).toEqual(['conflict'])
    expect(await kinds(unit(append(stream, 1, 1, first.events[0]!.id)))).toEqual(['committed'])
  })

  test('a unit is all or nothing', async () => {
    const [good, bad, id] = [newStream(), newStream(), uuidv7()]
    const send = { id, service: 's', operation: 'o', input: '{}', context: '{}' }
    const refused = { ...keyed(uuidv7(), append(good, 0), append(bad, 4)), sends: [send] }
    expect(await commitUnits(sql, [refused])).toEqual([{ kind: 'conflict', stream: bad, expected: 4, actual: 0 }])
    expect(await versions(good)).toEqual([])
    const { rows } = await sql.query('select id from banyan_work where id = $1 union all select key from banyan_keys where key = $2', [id, refused.key!.key])
    expect(rows).toEqual([])
  })

  test('an empty batch, an empty unit and an empty append are nothing', async () => {
    expect(await commitUnits(sql, [])).toEqual([])
    expect(await commitUnits(sql, [unit()])).toEqual([{ kind: 'committed', versions: [], positions: [] }])
    expect(await commitUnits(sql, [unit(append(newStream(), 'any', 0))])).toEqual([{ kind: 'committed', versions: [0], positions: [] }])
  })
})

describe('units of one batch', () => {
  test('may build on each other', async () => {
    const stream = newStream()
    const [a, b] = [append(stream, 0, 2), append(stream, 'any', 1)]
    const c = append(stream, 3, 1, b.events[0]!.id)
    const outcomes = await commitUnits(sql, [unit(a), unit(b), unit(append(stream, 'exists', 0)), unit(c), unit(append(stream, 4, 0, c.events[0]!.id))])
    expect(outcomes.map((outcome) => outcome.kind === 'committed' && outcome.versions[0])).toEqual([2, 3, 3, 4, 4])
    expect(await versions(stream)).toEqual([1, 2, 3, 4])
  })

  test('fail with the one they build on, and harm no other', async () => {
    const [stream, other] = [newStream(), newStream()]
    await commitUnits(sql, [unit(append(stream, 0))])
    const first = append(stream, 0)
    const batch = [unit(first), unit(append(stream, 1, 1, first.events[0]!.id)), unit(append(other, 0)), unit(append(stream, 1)), unit(append(other, 1, 2)), unit(append(stream, 1))]
    expect(await kinds(...batch)).toEqual(['conflict', 'conflict', 'committed', 'committed', 'committed', 'conflict'])
    expect([await versions(stream), await versions(other)]).toEqual([
      [1, 2],
      [1, 2, 3],
    ])
  })

  test('do not take the event of another writer for the one they build on (ABA)', async () => {
    const stream = newStream()
    const theirs = append(stream, 0)
    const [mine, next] = [append(stream, 0), append(stream, 1)]
    await commitUnits(sql, [unit(theirs)])
    // `next` was decided on the state after `mine`; the version it expects is there, but it is another writer's
    expect(await kinds(unit(mine), unit({ ...next, last: mine.events[0]!.id }))).toEqual(['conflict', 'conflict'])
    expect(await versions(stream)).toEqual([1])
  })

  test('contradicting each other, the first wins', async () => {
    const stream = newStream()
    expect(await kinds(unit(append(stream, 0)), unit(append(stream, 0)), unit(append(stream, 'absent')))).toEqual(['committed', 'conflict', 'conflict'])
    expect(await versions(stream)).toEqual([1])
  })

  test('losers leave no gaps in positions', async () => {
    const stream = newStream()
    const last = async () => Number((await sql.query('select last_value from banyan_position')).rows[0].last_value)
    const before = await last()
    expect(await kinds(unit(append(stream, 7, 5)), unit(append(stream, 0, 2)), unit(append(stream, 9, 5)))).toEqual(['conflict', 'committed', 'conflict'])
    expect(await last()).toBe(before + 2)
  })

  test('of every kind, in a batch of hundreds', async () => {
    const taken = newStream()
    const used = uuidv7()
    await commitUnits(sql, [unit(append(taken, 0)), keyed(used)])
    const fresh = Array.from({ length: 300 }, newStream)
    const batch = fresh.map((stream, index) => (index % 50 === 0 ? keyed(used, append(stream, 0)) : index % 50 === 9 ? keyed(uuidv7(), append(stream, 0), append(taken, 0)) : keyed(uuidv7(), append(stream, 0, 3))))
    const outcomes = await commitUnits(sql, batch, 'alone')
    const expected = fresh.map((_, index) => (index % 50 === 0 ? 'duplicate' : index % 50 === 9 ? 'conflict' : 'committed'))
    expect(outcomes.map(({ kind }) => kind)).toEqual(expected)
    const { rows } = await sql.query<{ count: number }>('select count(*)::int as count from banyan_events where stream = any($1)', [fresh])
    expect(rows[0]!.count).toBe(288 * 3)
    const { rows: lasts } = await sql.query<{ stream: string; partition: number; position: string }>('select stream, partition, position from banyan_events where stream = any($1) and version = 3', [fresh])
    const positions = new Map(lasts.map(({ stream, partition, position }) => [stream, { partition, position: Number(position) }]))
    outcomes.forEach((outcome, index) => {
      if (outcome.kind === 'committed') expect(outcome).toEqual({ kind: 'committed', versions: [3], positions: [positions.get(fresh[index]!)] })
    })
  })
})

describe('idempotency keys', () => {
  test('a repeat is answered with what was recorded, also when the world has moved on', async () => {
    const [key, stream] = [uuidv7(), newStream()]
    const command = keyed(key, append(stream, 0))
    expect(await kinds(command)).toEqual(['committed'])
    const duplicate = { kind: 'duplicate', input: 'hash', result: '{"value": 1}' }
    expect(await commitUnits(sql, [command])).toEqual([duplicate])
    expect(await commitUnits(sql, [keyed(key, append(newStream(), 0)), keyed(uuidv7(), append(newStream(), 0))])).toEqual([duplicate, expect.objectContaining({ kind: 'committed' })])
    expect(await versions(stream)).toEqual([1])
  })

  test('the same key for another operation, tenant or subject is another key', async () => {
    const key = uuidv7()
    const others = [{ operation: 'cancel' }, { tenant: 'u' }, { subject: 'v' }].map((change): Unit => ({ ...unit(append(newStream(), 0)), key: { ...record(key), ...change } }))
    expect(await kinds(keyed(key), ...others)).toEqual(['committed', 'committed', 'committed', 'committed'])
    expect(await kinds(...others)).toEqual(['duplicate', 'duplicate', 'duplicate'])
  })

  test('twice in a batch, the second is the duplicate, unless the first fails', async () => {
    const [key, failing] = [uuidv7(), uuidv7()]
    expect(await kinds(keyed(key, append(newStream(), 0)), keyed(key, append(newStream(), 0)))).toEqual(['committed', 'duplicate'])
    expect(await kinds(keyed(failing, append(newStream(), 3)), keyed(failing, append(newStream(), 0)))).toEqual(['conflict', 'committed'])
  })

  test('two transactions with the same key: the second waits for the first', async () => {
    const [key, first] = [uuidv7(), await db.database.connect()]
    await first.query('begin')
    await commitUnits(first, [keyed(key, append(newStream(), 0))])
    const second = commitUnits(sql, [keyed(key, append(newStream(), 0))])
    const batch = commitUnits(sql, [keyed(key, append(newStream(), 0)), keyed(uuidv7(), append(newStream(), 0))])
    await first.query('commit')
    expect(await second).toMatchObject([{ kind: 'duplicate' }])
    // of several, those that came first may have been written already: all of it is to be done again
    expect(await batch.then((outcomes) => outcomes.map(({ kind }) => kind), sqlState)).toSatisfy((found: unknown) => found === '40001' || String(found) === 'duplicate,committed')
    await first.end()
  })
})

describe('checkpoints', () => {
  const advance = (subscription: string, epoch: number, position: number, partition = 1): Unit => ({ ...unit(), checkpoint: { subscription, source: 'orders', partition, epoch, position } })

  async function seeded(): Promise<string> {
    const subscription = uuidv7()
    await sql.query('insert into banyan_subscriptions (subscription, source, partition, epoch, position) values ($1, $2, 1, 3, 10), ($1, $2, 2, 3, 10)', [subscription, 'orders'])
    return subscription
  }

  test('move while the lease has the epoch, and only forward', async () => {
    const subscription = await seeded()
    expect(await kinds(advance(subscription, 2, 11))).toEqual(['lease_lost'])
    expect(await kinds(advance(subscription, 3, 11), advance(subscription, 3, 12, 2))).toEqual(['committed', 'committed'])
    expect(await kinds(advance(subscription, 3, 11), advance(subscription, 3, 12), advance(subscription, 3, 12), advance(subscription, 3, 13))).toEqual(['lease_lost', 'committed', 'lease_lost', 'committed'])
    const { rows } = await sql.query('select position::int from banyan_subscriptions where subscription = $1 order by partition', [subscription])
    expect(rows).toEqual([{ position: 13 }, { position: 12 }])
  })

  test('a unit whose lease is lost adds nothing', async () => {
    const subscription = await seeded()
    const stream = newStream()
    expect(await kinds({ ...advance(subscription, 4, 11), streams: [append(stream, 'any')] }, unit(append(newStream(), 0)))).toEqual(['lease_lost', 'committed'])
    expect(await versions(stream)).toEqual([])
  })

  test('a takeover waits for the commit under the old epoch, and the old owner for the takeover', async () => {
    const subscription = await seeded()
    const taker = await db.database.connect()
    await taker.query('begin')
    await taker.query('update banyan_subscriptions set epoch = 4 where subscription = $1', [subscription])
    const old = kinds(advance(subscription, 3, 11))
    await taker.query('commit')
    expect(await old).toEqual(['lease_lost'])
    await taker.end()
  })
})

describe('within a transaction of its own', () => {
  test('what was checked is still true at the commit', async () => {
    const [stream, owner] = [newStream(), await db.database.connect()]
    await owner.query('begin')
    expect(await commitUnits(owner, [unit(append(stream, 'absent', 0))])).toMatchObject([{ kind: 'committed' }])
    let appended = false
    const other = commitUnits(sql, [unit(append(stream, 0))]).then((outcomes) => ((appended = true), outcomes))
    await expect.poll(async () => (await sql.query(`select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted`)).rows[0].waiting).toBeGreaterThan(0)
    expect(appended).toBe(false)
    await owner.query('commit')
    expect(await other).toMatchObject([{ kind: 'committed' }])
    await owner.end()
  })

  test('undone with it', async () => {
    const [stream, key, owner] = [newStream(), uuidv7(), await db.database.connect()]
    await owner.query('begin')
    await commitUnits(owner, [keyed(key, append(stream, 0))])
    await owner.query('rollback')
    expect(await versions(stream)).toEqual([])
    expect(await kinds(keyed(key, append(stream, 0)))).toEqual(['committed'])
    await owner.end()
  })
})

describe.each(['repeatable read', 'serializable'])('in a %s transaction whose snapshot is old', (isolation) => {
  /** What a unit comes to when another writer has appended to the stream since the snapshot was taken. */
  async function afterOthers(stream: string, late: Unit): Promise<string> {
    const client = await db.database.connect()
    try {
      await client.query(`begin isolation level ${isolation}`)
      await client.query('select 1 from banyan_streams limit 1')
      await commitUnits(sql, [unit(append(stream, 'any'))])
      const [outcome] = await commitUnits(client, [late])
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
      expect(await versions(stream)).toEqual(existing ? [1, 2] : [1])
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
    expect(await commitUnits(client, [keyed(uuidv7(), append(stream, 0, 2), append(asserted, 'absent', 0))])).toMatchObject([{ kind: 'committed', versions: [2, 0] }])
    await client.query('commit')
    await client.end()
    expect(await versions(stream)).toEqual([1, 2])
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
