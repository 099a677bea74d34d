import { expect, test } from 'vitest'
import type { RecordedEvent } from './event.ts'
import { hasNews } from './has-news.ts'
import { logFeed, WatchedLog, type LogReader } from './log-feed.ts'

/** A log with one partition, of whose events the outside sees those called `Public`. */
function log(types: readonly string[]): LogReader {
  const events = types.map((type, index) => ({ type, partition: 0, position: index + 1 }) as RecordedEvent)
  return {
    heads: async () => ({ incarnation: 'i', positions: new Map([[0, events.length]]) }),
    readAfter: async (positions, _types, limit) => events.filter(({ position }) => position > (positions.get(0) ?? 0)).slice(0, limit),
  }
}

test.each([
  [[], false],
  [['Hidden'], false],
  [['Public'], true],
  [Array.from({ length: 1_000 }, () => 'Hidden'), false],
  [[...Array.from({ length: 1_000 }, () => 'Hidden'), 'Public'], true],
])('what is hidden is passed over, however much it is (%#)', async (types, expected) => {
  const publish = ({ type }: RecordedEvent) => (type === 'Public' ? { type, schema: 1, data: {} } : undefined)
  expect(await hasNews(logFeed(new WatchedLog(log(types)), { publish }), { positions: new Map([[0, 0]]) })).toBe(expected)
})
