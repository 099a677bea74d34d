import { quantile } from '../report.ts'
import type { Caller } from './contender.ts'
import { example, quote } from './quote.ts'

/** What came of a while of calling. */
export interface Load {
  readonly calls: number
  readonly seconds: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
  /** Microseconds of processor time that the calling process has used. */
  readonly processorTime: number
}

/** So many are kept for the quantiles, the last ones. */
const MOST_CALLS = 2_000_000

/** Calls for `seconds`, `flight` calls at a time: each caller makes its next call when it has the answer to its last. Throws when an answer is wrong. */
export async function load(call: Caller['call'], seconds: number, flight: number): Promise<Load> {
  const right = JSON.stringify(quote(example))
  const told = JSON.stringify(await call(example))
  if (told !== right) throw new Error(`answered ${told}, which is not ${right}`)
  // made before: a list that grows by itself would cost its share of the garbage
  const took = new Float64Array(MOST_CALLS)
  let calls = 0
  const before = process.cpuUsage()
  const began = performance.now()
  const end = began + seconds * 1_000
  const caller = async () => {
    for (let at = performance.now(); at < end;) {
      await call(example)
      const now = performance.now()
      took[calls++ % MOST_CALLS] = (now - at) * 1_000
      at = now
    }
  }
  await Promise.all(Array.from({ length: flight }, caller))
  const elapsed = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(before)
  const times = took.subarray(0, Math.min(calls, MOST_CALLS))
  return { calls, seconds: elapsed, p50: quantile(times, 0.5), p99: quantile(times, 0.99), processorTime: user + system }
}
