import fc from 'fast-check'
import { expect, test } from 'vitest'
import { breaker, REFUSED, type BreakerOptions } from './breaker.ts'
import type { Outcome } from './callee-failure.ts'

function at(options: BreakerOptions = {}) {
  const clock = { now: 5_000 }
  const subject = breaker({ now: () => clock.now, random: () => 0, ...options })
  const call = (outcome: Outcome) => {
    const ticket = subject.begin()
    if (ticket !== REFUSED) subject.end(ticket, outcome)
    return ticket !== REFUSED
  }
  const fail = (count: number) => Array.from({ length: count }, () => call('failure'))
  return { clock, subject, call, fail }
}

test('five failures in a row open it, and it then refuses without a call', () => {
  const { subject, fail, call } = at()
  fail(4)
  expect(subject.status().state).toBe('closed')
  fail(1)
  expect(subject.status()).toMatchObject({ state: 'open', failures: 5, reason: '5 calls in a row failed', retryInMs: 1_000 })
  expect(call('success')).toBe(false)
  expect(subject.status().refused).toBe(1)
})

test('half of the calls failing opens it, once there are enough of them', () => {
  const { subject, call } = at()
  for (let i = 0; i < 18; i++) call(i % 2 ? 'failure' : 'success')
  call('success')
  expect(subject.status().state).toBe('closed')
  call('failure')
  expect(subject.status()).toMatchObject({ state: 'open', reason: '10 of 20 calls in 10000 ms failed' })
})

test('what is older than the window is forgotten', () => {
  const { clock, subject, call } = at()
  for (let i = 0; i < 18; i++) call(i % 2 ? 'failure' : 'success')
  clock.now += 10_000
  expect(subject.status()).toMatchObject({ calls: 0, failures: 0 })
  call('success')
  call('failure')
  expect(subject.status()).toMatchObject({ state: 'closed', calls: 2 })
})

test('after its time it lets as many probes through as it was told, and no more', () => {
  const { clock, subject, fail } = at({ probes: 2 })
  fail(5)
  clock.now += 999
  expect(subject.begin()).toBe(REFUSED)
  clock.now += 1
  const [first, second] = [subject.begin(), subject.begin()]
  expect(subject.begin()).toBe(REFUSED)
  subject.end(first, 'success')
  expect(subject.begin()).toBe(REFUSED)
  subject.end(second, 'success')
  expect(subject.status()).toMatchObject({ state: 'closed', calls: 0, reason: '2 probes succeeded' })
})

test('a probe that its caller gave up leaves its place to another', () => {
  const { clock, subject, fail } = at({ probes: 1 })
  fail(5)
  clock.now += 1_000
  subject.end(subject.begin(), 'abandoned')
  expect(subject.begin()).not.toBe(REFUSED)
})

test('each failed probe doubles the time, up to the cap, and a recovery forgets that', () => {
  const { clock, subject, call, fail } = at({ probes: 1, openCapMs: 3_000 })
  fail(5)
  const times = [1_000, 2_000, 3_000, 3_000].map((expected) => {
    const { retryInMs } = subject.status()
    clock.now += expected
    call('failure')
    return retryInMs
  })
  expect(times).toEqual([1_000, 2_000, 3_000, 3_000])
  clock.now += 3_000
  call('success')
  fail(5)
  expect(subject.status().retryInMs).toBe(1_000)
})

test('calls begun before it opened do not decide about the probes', () => {
  const { clock, subject, fail } = at({ probes: 1 })
  const early = subject.begin()
  fail(5)
  clock.now += 1_000
  const probe = subject.begin()
  subject.end(early, 'failure')
  expect(subject.status().state).toBe('half-open')
  subject.end(probe, 'success')
  expect(subject.status().state).toBe('closed')
})

test('it is closed at once when told so, and begins anew', () => {
  const { subject, call, fail } = at()
  fail(5)
  subject.close('a health check passed')
  expect(subject.status()).toMatchObject({ state: 'closed', calls: 0, reason: 'a health check passed' })
  fail(4)
  subject.close('a health check passed')
  expect(call('failure')).toBe(true)
  expect(subject.status().state).toBe('closed')
  fail(4)
  expect(subject.status().retryInMs).toBe(1_000)
})

test('whatever happens, it is never stuck: after the cap and good probes it is closed', () => {
  const step = fc.record({ wait: fc.nat(5_000), outcome: fc.constantFrom<Outcome>('success', 'failure', 'abandoned') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { clock, subject, call } = at()
      for (const { wait, outcome } of steps) {
        clock.now += wait
        call(outcome)
        const { calls, failures } = subject.status()
        expect(failures).toBeGreaterThanOrEqual(0)
        expect(failures).toBeLessThanOrEqual(calls)
      }
      clock.now += 30_000
      for (let i = 0; i < 3; i++) expect(call('success')).toBe(true)
      expect(subject.status().state).toBe('closed')
    }),
  )
})
