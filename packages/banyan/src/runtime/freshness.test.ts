import { expect, test } from 'vitest'
import type { EventLog } from '../events/log.ts'
import type { Subscription } from '../events/subscription.ts'
import { Deadline } from '../kernel/deadline.ts'
import { Session } from '../network/session.ts'
import type { Envelope } from '../network/envelope.ts'
import { Freshness } from './freshness.ts'

const log = { heads: async () => ({ incarnation: 'i', positions: new Map([[3, 7]]) }) } as unknown as EventLog
const envelope = (session = new Session()) => ({ session, deadline: Deadline.in(60_000), signal: new AbortController().signal }) as unknown as Envelope

/** A projection that notes up to where it is waited for. */
function projection(waited: unknown[]): Subscription {
  return { source: 'journal', caughtUp: async (positions: ReadonlyMap<number, number>) => void waited.push([...positions]) } as unknown as Subscription
}

test('a reader that comes before a unit knows its projections waits for them all the same', async () => {
  const freshness = new Freshness('journal', log)
  const waited: unknown[] = []
  const session = new Session()
  session.note('journal', [{ partition: 3, position: 5 }])
  const [strong, own] = [freshness.reached('strong', envelope()), freshness.reached('session', envelope(session))]
  const answered = Promise.all([strong, own]).then(() => waited.length)
  freshness.add(projection(waited))
  expect(waited).toEqual([])
  freshness.complete()
  expect(await answered).toBe(2)
  expect(waited).toEqual(expect.arrayContaining([[[3, 7]], [[3, 5]]]))
})

test('who need not wait does not', () => {
  const freshness = new Freshness('journal', log)
  expect([freshness.reached('eventual', envelope()), freshness.reached('session', envelope())]).toEqual([undefined, undefined])
})
