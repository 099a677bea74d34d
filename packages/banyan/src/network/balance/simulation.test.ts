import { expect, test } from 'vitest'
import { peakEwma } from './balancer.ts'
import type { Endpoint } from './endpoint.ts'
import { endpointSet } from './endpoint-set.ts'
import { outlierDetector } from './outliers.ts'

const INSTANCES = Array.from({ length: 5 }, (_, index) => ({ id: String(index) }))
const CALLS = 100_000
const PER_MS = 1

interface Ending {
  readonly at: number
  readonly ms: number
  readonly endpoint: Endpoint
}

/** Calls at an even rate in virtual time; `took` tells how long one takes, or that it fails at once. */
function simulate(seed: number, took: (id: string, chance: number) => number | 'fails') {
  const random = generator(seed)
  const outliers = outlierDetector({ random })
  const set = endpointSet({ outliers, balancer: peakEwma({ random }) })
  set.update(INSTANCES, 0)
  const endings: Ending[] = []
  const times: number[] = []
  const picked: string[] = []
  for (let call = 0; call < CALLS; call++) {
    const at = call / PER_MS
    while (endings.length > 0 && endings.at(-1)!.at <= at) {
      const { at: ended, ms, endpoint } = endings.pop()!
      endpoint.end(ended, ms, 'success')
      outliers.record(endpoint, 'success', ended)
    }
    const endpoint = set.pick(at)!
    picked.push(endpoint.instance.id)
    endpoint.begin()
    const ms = took(endpoint.instance.id, random())
    if (ms === 'fails') {
      endpoint.end(at, 0.1, 'failure')
      outliers.record(endpoint, 'failure', at)
      continue
    }
    times.push(ms)
    const ending = { at: at + ms, ms, endpoint }
    const later = endings.findLastIndex((other) => other.at >= ending.at)
    endings.splice(later + 1, 0, ending)
  }
  times.sort((a, b) => a - b)
  return { p99: times[Math.floor(0.99 * times.length)]!, picked }
}

/** Numbers from 0 up to 1 that look like chance and are the same for a seed (a linear congruence, Numerical Recipes). */
function generator(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}

const healthy = (chance: number) => 5 + 10 * chance

test.each([1, 2, 3])('one of five 50 times slower does not show at the 99th percentile (seed %i)', (seed) => {
  const all = simulate(seed, (_id, chance) => healthy(chance))
  const slow = simulate(seed, (id, chance) => (id === '0' ? 50 : 1) * healthy(chance))
  expect(slow.p99).toBeLessThanOrEqual(1.5 * all.p99)
})

test.each([1, 2, 3])('one of five that fails fast is out after five failures and gets next to nothing then (seed %i)', (seed) => {
  const { picked } = simulate(seed, (id, chance) => (id === '0' ? 'fails' : healthy(chance)))
  const failed = picked.flatMap((id, index) => (id === '0' ? [index] : []))
  const after = failed.slice(5)
  expect(failed.length).toBeGreaterThanOrEqual(5)
  expect(after[0] ?? Infinity).toBeGreaterThan(failed[4]! + 29_000)
  expect(after.length / (CALLS - failed[4]!)).toBeLessThan(0.001)
})
