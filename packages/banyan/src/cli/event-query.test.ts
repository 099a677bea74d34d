import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { append, logDatabase } from '../../test/events/log-database.ts'
import type { TestDatabase } from '../testing/database.ts'
import { newestEvents, passes, type EventFilter } from './event-query.ts'

const everything: EventFilter = { type: undefined, stream: undefined, correlation: undefined, since: undefined, until: undefined }
let db: TestDatabase
beforeAll(async () => {
  db = await logDatabase(2)
  await append(db.database.pool, ['order/1', 'order/2'], 'Placed')
  await append(db.database.pool, ['orders_old/1'], 'Placed')
  await append(db.database.pool, ['order/1', 'order/12'], 'Cancelled')
})
afterAll(() => db[Symbol.asyncDispose]())

describe('the newest events', () => {
  test.each<[string, Partial<EventFilter>, number, string[]]>([
    ['are all in order of time', {}, 10, ['order/1 1', 'order/2 1', 'orders_old/1 1', 'order/1 2', 'order/12 1']],
    ['are at most so many, the last ones', {}, 2, ['order/1 2', 'order/12 1']],
    ['of a type', { type: 'Cancelled' }, 10, ['order/1 2', 'order/12 1']],
    ['of a stream', { stream: 'order/1' }, 10, ['order/1 1', 'order/1 2']],
    ['of a category', { stream: 'order' }, 10, ['order/1 1', 'order/2 1', 'order/1 2', 'order/12 1']],
    ['of a category that looks like a pattern', { stream: 'orders_old' }, 10, ['orders_old/1 1']],
    ['of a shortened stream', { stream: 'order/…2' }, 10, ['order/2 1', 'order/12 1']],
    ['of a chain', { correlation: 'c' }, 1, ['order/12 1']],
    ['of another chain', { correlation: 'd' }, 10, []],
    ['since the future', { since: new Date(Date.now() + 60_000) }, 10, []],
    ['until a minute ago', { until: new Date(Date.now() - 60_000) }, 10, []],
    ['until now', { until: new Date(Date.now() + 60_000), type: 'Placed' }, 1, ['orders_old/1 1']],
    ['since a minute ago', { since: new Date(Date.now() - 60_000), type: 'Placed' }, 1, ['orders_old/1 1']],
  ])('%s', async (_what, filter, limit, expected) => {
    const found = await newestEvents(db.database.pool, 'orders', { ...everything, ...filter }, limit)
    expect(found.map(({ stream, version }) => `${stream} ${version}`)).toEqual(expected)
    expect(found.every((event) => event.service === 'orders' && typeof event.position === 'number' && passes(event, { ...everything, ...filter }))).toBe(true)
  })

  test('are found up to the time that one of them is listed with, and that one too', async () => {
    const all = await newestEvents(db.database.pool, 'orders', everything, 10)
    for (const { at, id } of all) {
      const found = await newestEvents(db.database.pool, 'orders', { ...everything, until: at }, 10)
      expect(found.map((event) => event.id)).toContain(id)
      expect(found.every((event) => event.at <= at)).toBe(true)
    }
  })

  test('pass the filter here exactly as they do there', async () => {
    const all = await newestEvents(db.database.pool, 'orders', everything, 10)
    for (const filter of [
      { stream: 'order/…2' },
      { stream: 'order/…/1' },
      { stream: 'order' },
      { stream: 'order/%' },
      { type: 'Placed' },
      { correlation: 'c' },
      { correlation: 'x' },
    ]) {
      const there = await newestEvents(db.database.pool, 'orders', { ...everything, ...filter }, 10)
      expect(all.filter((event) => passes(event, { ...everything, ...filter }))).toEqual(there)
    }
  })
})
