import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concurrencyLimit } from './concurrency.ts'

function at() {
  const clock = { now: 0 }
  const subject = concurrencyLimit({ now: () => clock.now })
  /** Seconds of calls: ten in each 100 ms. */
  const run = (seconds: number, ms: number, inFlight: () => number, failed = false) => {
    for (let i = 0; i < seconds * 100; i++) {
      clock.now += 10
      subject.record(ms, inFlight(), failed)
    }
  }
  return { subject, run }
}

test('it grows while calls stay as fast as they are and the places are used', () => {
  const { subject, run } = at()
  run(60, 10, subject.limit)
  expect(subject.limit()).toBe(200)
})

test('it does not grow on places that nobody uses', () => {
  const { subject, run } = at()
  run(60, 10, () => 24)
  expect(subject.limit()).toBe(50)
})

test('it falls when calls slow, and grows again when they are fast again', () => {
  const { subject, run } = at()
  run(60, 10, subject.limit)
  run(3, 100, subject.limit)
  expect(subject.limit()).toBeLessThan(60)
  run(60, 10, subject.limit)
  expect(subject.limit()).toBe(200)
})

test('a little slower is not yet slow', () => {
  const { subject, run } = at()
  run(60, 10, subject.limit)
  run(3, 14, subject.limit)
  expect(subject.limit()).toBe(200)
})

test('failures lower it, fast as they may be', () => {
  const { subject, run } = at()
  run(60, 10, subject.limit)
  run(5, 0, subject.limit, true)
  expect(subject.limit()).toBe(20)
})

test('calls that are slow by nature lower it like calls that wait, which is why it is off unless asked for', () => {
  const { subject, run } = at()
  run(60, 10, subject.limit)
  run(10, 500, subject.limit)
  expect(subject.limit()).toBe(20)
})

test('whatever calls take, it stays within its bounds', () => {
  const call = fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat(500), fc.boolean())
  fc.assert(
    fc.property(fc.array(call, { maxLength: 500 }), (calls) => {
      const clock = { now: 0 }
      const subject = concurrencyLimit({ now: () => (clock.now += 20) })
      for (const [ms, inFlight, failed] of calls) {
        subject.record(ms, inFlight, failed)
        expect(subject.limit()).toBeGreaterThanOrEqual(20)
        expect(subject.limit()).toBeLessThanOrEqual(200)
      }
    }),
  )
})
