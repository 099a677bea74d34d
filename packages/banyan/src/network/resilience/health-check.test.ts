import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { healthCheck } from './health-check.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** An instance that answers as told, and what came of asking it. */
function instance(answer: () => boolean) {
  const told: string[] = []
  let asked = 0
  const check = healthCheck({
    probe: async () => {
      asked++
      if (answer()) return true
      throw new Error('nobody listens')
    },
    passed: () => void told.push('passed'),
    failed: (why) => void told.push(why),
    random: () => 1,
  })
  return {
    told,
    check,
    get asked() {
      return asked
    },
  }
}

test('an instance of which nothing bad is known is asked every five seconds', async () => {
  const { told, check } = instance(() => true)
  await vi.advanceTimersByTimeAsync(25_000)
  expect(told).toEqual(['passed', 'passed', 'passed', 'passed', 'passed'])
  check[Symbol.dispose]()
})

test('one that calls did not reach is asked at once and then ever less often, and is back within a second of being back', async () => {
  let up = false
  const one = instance(() => up)
  one.check.suspect()
  one.check.suspect()
  await vi.advanceTimersByTimeAsync(60)
  expect(one.asked).toBe(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(one.asked).toBeGreaterThan(55)
  expect(one.asked).toBeLessThan(70)
  expect(one.told).toEqual(['it does not answer (nobody listens)'])
  up = true
  await vi.advanceTimersByTimeAsync(1_000)
  expect(one.told.at(-1)).toBe('passed')
  one.check[Symbol.dispose]()
})

test('one that says it is ready while its calls fail is trusted ever later', async () => {
  const { told, check } = instance(() => true)
  const waits: number[] = []
  for (let i = 0; i < 5; i++) {
    const before = told.length
    check.suspect()
    let waited = 0
    for (; told.length === before; waited += 50) await vi.advanceTimersByTimeAsync(50)
    waits.push(waited)
  }
  expect(waits).toEqual([50, 400, 3_200, 25_600, 30_000])
  check[Symbol.dispose]()
})

test('one that says it is not ready is told after two answers, and nobody is asked after the end', async () => {
  const told: string[] = []
  let asked = 0
  const probe = async () => ++asked < 0
  const check = healthCheck({ probe, passed: () => void told.push('passed'), failed: (why) => void told.push(why), random: () => 1 })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(100)
  expect(told).toEqual(['it says that it is not ready'])
  check[Symbol.dispose]()
  const before = asked
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toBe(before)
})
