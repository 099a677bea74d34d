import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { hedge } from './hedge.ts'
import { RetryBudget } from './retry-budget.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const call = () => ({ deadline: Deadline.in(10_000) })
const unavailable = (executed: 'no' | 'maybe') => new BanyanError('unavailable', 'gone', { executed })

/** A hedge that has seen calls of 20 ms, and attempts that end when told. */
async function at(budget = new RetryBudget()) {
  const subject = hedge({ budget })
  for (let i = 0; i < 32; i++) {
    const done = subject.run(() => new Promise<void>((resolve) => void setTimeout(resolve, 20)), call())
    await vi.advanceTimersByTimeAsync(20)
    await done
  }
  const ends: PromiseWithResolvers<string>[] = []
  const signals: AbortSignal[] = []
  const attempt = (index: 0 | 1, signal: AbortSignal) => {
    signals[index] = signal
    return (ends[index] = Promise.withResolvers<string>()).promise
  }
  return { subject, attempt, ends, signals }
}

test('the second begins when the first is late, its answer wins and the first is cancelled', async () => {
  const { subject, attempt, ends, signals } = await at()
  const answer = subject.run(attempt, call())
  await vi.advanceTimersByTimeAsync(19)
  expect(ends).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(ends).toHaveLength(2)
  ends[1]!.resolve('second')
  expect(await answer).toBe('second')
  expect(signals[0]!.aborted).toBe(true)
  expect(subject.status()).toEqual({ delayMs: 20, hedged: 1, won: 1 })
})

test('an answer in time needs no second', async () => {
  const { subject, attempt, ends } = await at()
  const answer = subject.run(attempt, call())
  ends[0]!.resolve('first')
  expect(await answer).toBe('first')
  expect(vi.getTimerCount()).toBe(0)
})

test('a failure of one leaves the other its chance; a declared error is an answer', async () => {
  const { subject, attempt, ends } = await at()
  const answer = subject.run(attempt, call())
  await vi.advanceTimersByTimeAsync(20)
  ends[1]!.reject(unavailable('no'))
  ends[0]!.resolve('first')
  expect(await answer).toBe('first')
  const declared = subject.run(attempt, call())
  await vi.advanceTimersByTimeAsync(20)
  ends[1]!.reject(new Error('sold out'))
  await expect(declared).rejects.toThrow('sold out')
})

test('when both fail the caller learns that either may have been executed', async () => {
  const { subject, attempt, ends } = await at()
  const answer = subject.run(attempt, call())
  await vi.advanceTimersByTimeAsync(20)
  ends[0]!.reject(unavailable('no'))
  ends[1]!.reject(unavailable('maybe'))
  await expect(answer).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
})

test('without budget, or without time, there is no second', async () => {
  const budget = new RetryBudget()
  const { subject, attempt, ends } = await at(budget)
  void subject.run(attempt, { deadline: Deadline.in(15) })
  await vi.advanceTimersByTimeAsync(100)
  expect(ends).toHaveLength(1)
  while (budget.withdraw()) expect(ends).toHaveLength(1)
  void subject.run(attempt, call())
  await vi.advanceTimersByTimeAsync(100)
  expect(ends).toHaveLength(1)
})

test('a caller that gives up cancels both', async () => {
  const { subject, attempt, signals, ends } = await at()
  const giving = new AbortController()
  const answer = subject.run(attempt, { ...call(), signal: giving.signal })
  await vi.advanceTimersByTimeAsync(20)
  giving.abort()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  for (const end of ends) end.reject(new BanyanError('cancelled', 'given up'))
  await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
})
