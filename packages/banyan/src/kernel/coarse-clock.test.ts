import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { coarseClock } from './coarse-clock.ts'

test('it is read once in a turn, never goes back, and goes on with the turns', async () => {
  const first = coarseClock.monotonic()
  const until = performance.now() + 3
  while (performance.now() < until);
  expect(coarseClock.monotonic()).toBe(first)
  while (coarseClock.monotonic() === first) await nextTurn()
  const later = coarseClock.monotonic()
  expect(later).toBeGreaterThanOrEqual(first + 3)
  expect(later).toBeLessThanOrEqual(performance.now())
})
