import { expect, test } from 'vitest'
import type { Feed, FeedEvent, FeedRequest } from '../events/feed.ts'
import { faultyFeed } from './faulty-feed.ts'

const event = (partition: number, position: number, type = 'Placed'): FeedEvent => ({ id: `${partition}-${position}`, type, partition, position }) as FeedEvent
const log = Array.from({ length: 8 }, (_, position) => [1, 2, 3].map((partition) => event(partition, position + 1))).flat()

const feed: Feed = {
  async read({ positions, types, limit }) {
    const after = log.filter(({ partition, position, type }) => position > (positions.get(partition) ?? Infinity) && (types?.includes(type) ?? true))
    const events = after.slice(0, limit)
    const upTo = new Map(
      [...positions].map(([partition, at]) => [partition, Math.max(at, ...events.filter((e) => e.partition === partition).map((e) => e.position))]),
    )
    return { incarnation: 'one', events, upTo, heads: new Map([...positions].map(([partition]) => [partition, 8])) }
  },
}
const from = (position: number, more: Partial<FeedRequest> = {}): FeedRequest => ({
  positions: new Map([1, 2, 3].map((partition) => [partition, position])),
  limit: 9,
  waitMs: 0,
  ...more,
})

/** Reads to the end as a consumer does, and answers every page. */
async function pages(faulty: Feed): Promise<(readonly FeedEvent[])[]> {
  const read: (readonly FeedEvent[])[] = []
  let positions = from(0).positions
  do {
    const page = await faulty.read(from(0, { positions, limit: 5 }))
    read.push(page.events)
    positions = page.upTo
  } while ([...positions.values()].some((position) => position < 8))
  return read
}

const inOrder = (events: readonly FeedEvent[]) =>
  [...Map.groupBy(events, ({ partition }) => partition).values()].every((of) => of.every(({ position }, at) => at === 0 || position > of[at - 1]!.position))

test('partitions are mixed, each in its order, and nothing is left out', async () => {
  const [mixed, plain] = [await pages(faultyFeed(feed, 'orders', { seed: 7, shuffles: 1 })), await pages(feed)]
  expect(mixed).not.toEqual(plain)
  expect(mixed.map((page) => page.map(({ id }) => id).sort())).toEqual(plain.map((page) => page.map(({ id }) => id).sort()))
  expect(mixed.every(inOrder)).toBe(true)
})

test('events are given again, but never more than was asked for, nor of other types or partitions', async () => {
  const faulty = faultyFeed(feed, 'orders', { seed: 7, duplicates: 1 })
  await faulty.read(from(0))
  expect((await faulty.read(from(3, { limit: 30 }))).events.filter(({ position }) => position <= 3)).toHaveLength(9)
  const few = await faulty.read(from(3, { limit: 4 }))
  expect(few.events.map(({ position }) => position > 3)).toEqual([true, true, true, true])
  expect((await faulty.read(from(8, { positions: new Map([[2, 8]]) }))).events.every(({ partition }) => partition === 2)).toBe(true)
  expect((await faulty.read(from(8, { types: ['Cancelled'] }))).events).toEqual([])
})
