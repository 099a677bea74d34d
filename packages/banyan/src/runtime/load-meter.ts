import { performance } from 'node:perf_hooks'

const STEPS = 20

/**
 * How busy this process is since it was asked last, 0 to 1: the larger of its event loop's share of time at work and the share of places for
 * requests that are taken. In steps of 5 %, so that a list of instances does not change for nothing.
 */
export function loadMeter(taken: () => number): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return Math.round(Math.min(1, Math.max(utilization, taken())) * STEPS) / STEPS
  }
}
