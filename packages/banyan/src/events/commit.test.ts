import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { append, event, keyed, kindsOf, newStream, unit, versionsOf } from '../../test/events/units.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitUnits } from './commit.ts'
import type { CommitStyle } from './commit-style.ts'
import type { NewEvent } from './event.ts'
import { partitionOf } from './partition.ts'
import type { Expected, Unit } from './unit.ts'

let db: TestDatabase
let sql: pg.Pool

beforeAll(async () => {
  db = await logDatabase()
  sql = db.database.pool
})
afterAll(() => db[Symbol.asyncDispose]())

describe.each<CommitStyle>(['within', 'alone'])('a commit asked for %s', (style) => {
  test('adds events as they are given, and says where they are', async () => {
    const [stream, other] = [newStream(), `kunde/Jürgen "${uuidv7()}" \\ {,} 🌳`]
    const data = '{"text": "quote \\" backslash \\\\ comma , brace } Grüße 🌳",   "n": 1.10}'
    const first: NewEvent = { ...event(data), type: 'Placed "quoted"', schema: 3 }
    const outcome = await commitUnits(
      sql,
      [{ tenant: 'ten"ant', streams: [{ stream, expected: 'absent', events: [first, event()] }, append(other, 0)], sends: [] }],
      style,
    )
    const { rows } = await sql.query(
      'select stream, version, partition, position::int, type, schema, id, tenant, data::text, meta::text from banyan_events where stream = any($1) order by position',
      [[stream, other]],
    )
    expect(rows[0]).toEqual({
      stream,
      version: 1,
      partition: partitionOf(stream),
      position: expect.any(Number),
      type: first.type,
      schema: 3,
      id: first.id,
      tenant: 'ten"ant',
      data,
      meta: first.meta,
    })
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
    const whole: Unit = {
      ...keyed(key, append(stream, 0)),
      sends: [send],
      checkpoint: { subscription, source: 'orders', partition: 5, epoch: 7, position: 2 ** 40 },
    }
    expect(await commitUnits(sql, [whole], style)).toMatchObject([{ kind: 'committed', versions: [1] }])
    const { rows: keys } = await sql.query('select operation, tenant, subject, input, result::text from banyan_keys where key = $1', [key])
    expect(keys).toEqual([{ operation: 'place', tenant: 't', subject: 's', input: 'hash', result: '{"value": 1}' }])
    const { rows: work } = await sql.query('select kind, tenant, service, operation, input, context, attempts from banyan_work where id = $1', [id])
    expect(work).toEqual([{ kind: 'send', tenant: 't', service: 'payments', operation: 'charge', input: { amount: 1 }, context: { a: 'b' }, attempts: 0 }])
    const { rows: checkpoints } = await sql.query('select position from banyan_subscriptions where subscription = $1', [subscription])
    expect(checkpoints).toEqual([{ position: String(2 ** 40) }])
  })

  test('a send is due at once, after a while, or at a moment, by the clock of the database', async () => {
    const send = { service: 'payments', operation: 'charge', input: '{}', context: '{}' }
    const at = new Date('2031-03-10T12:00:00.123Z')
    const sends = [{}, { due: { afterMs: 45 * 86_400_000 } }, { due: { at } }].map((due) => ({ id: uuidv7(), ...send, ...due }))
    await commitUnits(sql, [{ ...unit(append(newStream(), 0)), sends }], style)
    const { rows } = await sql.query<{ id: string; due: Date; passed: boolean; days: number }>(
      `select id, due_at as due, due_at <= clock_timestamp() as passed, round(extract(epoch from due_at - clock_timestamp()) / 86400)::int as days
       from banyan_work where id = any ($1)`,
      [sends.map(({ id }) => id)],
    )
    const [now, later, then] = sends.map(({ id }) => rows.find((row) => row.id === id))
    expect(now).toMatchObject({ passed: true })
    expect(later).toMatchObject({ passed: false, days: 45 })
    expect(then).toMatchObject({ passed: false, due: at })
  })
})

describe('expectations', () => {
  test.each<[Expected, number, boolean]>([
    [0, 0, true],
    [0, 2, false],
    [2, 2, true],
    [1, 2, false],
    [3, 2, false],
    [3, 0, false],
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
    const alone = newStream()
    if (existing > 0) await commitUnits(sql, [unit(append(alone, 0, existing))])
    expect(await commitUnits(sql, [unit(append(alone, expected, 2))])).toEqual([
      holds ? { kind: 'committed', versions: [existing + 2], positions: [expect.anything()] } : refused(alone),
    ])
    for (const name of [stream, alone]) expect(await versionsOf(sql, name)).toEqual(Array.from({ length: existing + (holds ? 2 : 0) }, (_, index) => index + 1))
    const { rows } = await sql.query('select stream, version from banyan_streams where stream = any($1)', [[stream, alone, asserted]])
    const left = [stream, alone, asserted]
      .map((name) => ({ stream: name, version: existing + (holds && name !== asserted ? 2 : 0) }))
      .filter(({ version }) => version > 0)
    expect(new Set(rows), 'what fails and what only asserts leaves nothing behind').toEqual(new Set(left))
  })

  test('a stream of the same length with another history is a conflict', async () => {
    const stream = newStream()
    const first = append(stream, 0)
    await commitUnits(sql, [unit(first)])
    expect(await kindsOf(sql, unit(append(stream, 1, 1, uuidv7())))).toEqual(['conflict'])
    expect(await kindsOf(sql, unit(append(stream, 1, 0, uuidv7())))).toEqual(['conflict'])
    expect(await kindsOf(sql, unit(append(stream, 1, 1, first.events[0]!.id)))).toEqual(['committed'])
  })

  test('a unit is all or nothing', async () => {
    const [good, bad, id] = [newStream(), newStream(), uuidv7()]
    const send = { id, service: 's', operation: 'o', input: '{}', context: '{}' }
    const refused = { ...keyed(uuidv7(), append(good, 0), append(bad, 4)), sends: [send] }
    expect(await commitUnits(sql, [refused])).toEqual([{ kind: 'conflict', stream: bad, expected: 4, actual: 0 }])
    expect(await versionsOf(sql, good)).toEqual([])
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
    expect(await versionsOf(sql, stream)).toEqual([1, 2, 3, 4])
  })

  test('fail with the one they build on, and harm no other', async () => {
    const [stream, other] = [newStream(), newStream()]
    await commitUnits(sql, [unit(append(stream, 0))])
    const first = append(stream, 0)
    const batch = [
      unit(first),
      unit(append(stream, 1, 1, first.events[0]!.id)),
      unit(append(other, 0)),
      unit(append(stream, 1)),
      unit(append(other, 1, 2)),
      unit(append(stream, 1)),
    ]
    expect(await kindsOf(sql, ...batch)).toEqual(['conflict', 'conflict', 'committed', 'committed', 'committed', 'conflict'])
    expect([await versionsOf(sql, stream), await versionsOf(sql, other)]).toEqual([
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
    expect(await kindsOf(sql, unit(mine), unit({ ...next, last: mine.events[0]!.id }))).toEqual(['conflict', 'conflict'])
    expect(await versionsOf(sql, stream)).toEqual([1])
  })

  test('contradicting each other, the first wins', async () => {
    const stream = newStream()
    expect(await kindsOf(sql, unit(append(stream, 0)), unit(append(stream, 0)), unit(append(stream, 'absent')))).toEqual(['committed', 'conflict', 'conflict'])
    expect(await versionsOf(sql, stream)).toEqual([1])
  })

  test('losers leave no gaps in positions', async () => {
    const stream = newStream()
    const last = async () => Number((await sql.query('select last_value from banyan_position')).rows[0].last_value)
    const before = await last()
    expect(await kindsOf(sql, unit(append(stream, 7, 5)), unit(append(stream, 0, 2)), unit(append(stream, 9, 5)))).toEqual([
      'conflict',
      'committed',
      'conflict',
    ])
    expect(await last()).toBe(before + 2)
  })

  test('of every kind, in a batch of hundreds', async () => {
    const taken = newStream()
    const used = uuidv7()
    await commitUnits(sql, [unit(append(taken, 0)), keyed(used)])
    const fresh = Array.from({ length: 300 }, newStream)
    const batch = fresh.map((stream, index) =>
      index % 50 === 0
        ? keyed(used, append(stream, 0))
        : index % 50 === 9
          ? keyed(uuidv7(), append(stream, 0), append(taken, 0))
          : keyed(uuidv7(), append(stream, 0, 3)),
    )
    const outcomes = await commitUnits(sql, batch, 'alone')
    const expected = fresh.map((_, index) => (index % 50 === 0 ? 'duplicate' : index % 50 === 9 ? 'conflict' : 'committed'))
    expect(outcomes.map(({ kind }) => kind)).toEqual(expected)
    const { rows } = await sql.query<{ count: number }>('select count(*)::int as count from banyan_events where stream = any($1)', [fresh])
    expect(rows[0]!.count).toBe(288 * 3)
    const { rows: lasts } = await sql.query<{ stream: string; partition: number; position: string }>(
      'select stream, partition, position from banyan_events where stream = any($1) and version = 3',
      [fresh],
    )
    const positions = new Map(lasts.map(({ stream, partition, position }) => [stream, { partition, position: Number(position) }]))
    outcomes.forEach((outcome, index) => {
      if (outcome.kind === 'committed') expect(outcome).toEqual({ kind: 'committed', versions: [3], positions: [positions.get(fresh[index]!)] })
    })
  })
})
