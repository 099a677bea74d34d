import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Deadline } from '../../kernel/deadline.ts'
import { bulkhead } from './bulkhead.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const soon = () => ({ deadline: Deadline.in(1_000) })

test('a place that is free is taken at once; the next waits until one is left', async () => {
  const subject = bulkhead({ name: 'sales', limit: 1 })
  expect(subject.enter(soon())).toBeUndefined()
  const second = subject.enter(soon())
  expect(subject.status()).toEqual({ running: 1, waiting: 1, limit: 1, refused: 0 })
  subject.leave(10)
  await second
  expect(subject.status()).toMatchObject({ running: 1, waiting: 0 })
})

test('more than may wait are refused, with an estimate of when to come again', () => {
  const subject = bulkhead({ name: 'sales', limit: 2, queue: 0 })
  for (let i = 0; i < 200; i++) {
    void subject.enter(soon())
    subject.leave(100)
  }
  void subject.enter(soon())
  void subject.enter(soon())
  expect(() => subject.enter(soon())).toThrow(expect.objectContaining({ code: 'overloaded', executed: 'no', details: { retryAfterMs: 50 } }))
  expect(subject.status().refused).toBe(1)
})

test('who waits is told when its time is up or it gave up, and no place is lost', async () => {
  const subject = bulkhead({ name: 'sales', limit: 1, queue: 2 })
  void subject.enter(soon())
  const giving = new AbortController()
  const late = Promise.resolve(subject.enter({ deadline: Deadline.in(100) })).catch((error: unknown) => error)
  const given = Promise.resolve(subject.enter({ ...soon(), signal: giving.signal })).catch((error: unknown) => error)
  giving.abort()
  vi.advanceTimersByTime(100)
  expect(await late).toMatchObject({ code: 'deadline_exceeded', executed: 'no' })
  expect(await given).toMatchObject({ code: 'cancelled', executed: 'no' })
  expect(vi.getTimerCount()).toBe(0)
  subject.leave(1)
  expect(subject.status()).toMatchObject({ running: 0, waiting: 0 })
})

test('one whose time is up already does not begin to wait', () => {
  const subject = bulkhead({ name: 'sales', limit: 1 })
  void subject.enter(soon())
  expect(() => subject.enter({ deadline: Deadline.in(0) })).toThrow(expect.objectContaining({ code: 'deadline_exceeded', executed: 'no' }))
})

test('never more at once than the limit, those who wait go in order, and none is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.boolean(), { maxLength: 60 }), async (limit, steps) => {
      const subject = bulkhead({ name: 'sales', limit, queue: 100 })
      const begun: number[] = []
      let asked = 0
      let running = 0
      for (const enters of steps) {
        if (enters) {
          const mine = asked++
          const entered = () => {
            begun.push(mine)
            running++
          }
          const wait = subject.enter(soon())
          if (wait) void wait.then(entered)
          else entered()
        } else if (running > 0) {
          running--
          subject.leave(1)
        }
        await Promise.resolve()
        await Promise.resolve()
        expect(running).toBeLessThanOrEqual(limit)
      }
      expect(begun).toEqual(begun.map((_, index) => index))
      expect(subject.status().running + subject.status().waiting).toBe(running + asked - begun.length)
    }),
  )
})
