import type { Clock } from '../../src/kernel/clock.ts'

/** A clock that a test moves. Both of its hands begin apart, so that one cannot stand in for the other. */
export function steppedTime(wallMs: number = Date.UTC(2026, 10, 29, 12)): Pick<Clock, 'now' | 'monotonic'> & { step(ms: number): void } {
  let passed = 0
  return {
    now: () => new Date(wallMs + passed),
    monotonic: () => 5_000 + passed,
    step: (ms) => void (passed += ms),
  }
}
