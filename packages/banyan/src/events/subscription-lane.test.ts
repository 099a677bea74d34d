import { expect, test } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import type { FeedEvent } from './feed.ts'
import { Slots } from './slots.ts'
import { Lane, type LaneSettings } from './subscription-lane.ts'

/** Lanes of one subscription, whose handler waits for `pass` with each batch; batches are told by the streams of their events. */
function lanesOf(count: number, batchSize: number) {
  const waiting: (() => void)[] = []
  const batches: string[] = []
  const lanes: Lane[] = []
  const settings: LaneSettings = {
    key: { subscription: 'view', source: 'orders' },
    handler: {
      kind: 'batch',
      async handle(events) {
        batches.push(events.map(({ stream }) => stream).join(' '))
        await new Promise<void>((resolve) => waiting.push(resolve))
        return 'ignored'
      },
    },
    sql: { query: () => Promise.reject(new Error('nothing is asked of the database')) },
    slots: new Slots(1),
    lanes: () => lanes,
    batchSize,
    attempts: 5,
    backoff: { baseMs: 1, capMs: 1 },
    clock: systemClock,
    log: undefined,
    progressed: () => undefined,
    dropped: () => undefined,
  }
  for (let partition = 0; partition < count; partition++) lanes.push(new Lane(settings, { partition, epoch: 1, position: 0, incarnation: null }, []))
  const pass = async () => {
    await expect.poll(() => waiting.length).toBe(1)
    waiting.shift()!()
  }
  return { lanes, batches, pass }
}

function event(stream: string, position: number): FeedEvent {
  const meta = { correlation: '', causation: '', causedBy: 'event', by: '', actor: '', traceparent: '' } as const
  return { id: '', stream, version: 1, partition: 0, position, type: 'Placed', schema: 1, tenant: '', data: {}, meta, at: new Date() }
}

test('a lane whose events went along with another’s follows the log while it still waits for its turn', async () => {
  const { lanes, batches, pass } = lanesOf(4, 2)
  const [first, along, leader, next] = lanes as [Lane, Lane, Lane, Lane]
  first.accept([event('a', 1)], 1, 1)
  // they wait in this order
  leader.accept([event('c', 1)], 1, 1)
  next.accept([event('d', 1), event('d', 2)], 2, 2)
  along.accept([event('b', 1)], 1, 1)
  await pass()
  await pass()
  await expect.poll(() => batches).toEqual(['a', 'c b', 'd d'])
  expect([along.done, along.queue]).toEqual([1, []])
  // nothing in it is wanted
  along.accept([], 7, 7)
  expect(along.done).toBe(7)
  await pass()
  await expect.poll(() => next.done).toBe(2)
})
