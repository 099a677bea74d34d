import type { Endpoint } from './endpoint.ts'

/** Picks one of several endpoints; at least one is given. `at` is the moment in monotonic milliseconds, `key` what calls that belong together share. */
export interface Balancer {
  pick(endpoints: readonly Endpoint[], at: number, key?: string): Endpoint
}

/** One after the other. */
export function roundRobin(): Balancer {
  let next = 0
  return { pick: (endpoints) => endpoints[next++ % endpoints.length]! }
}

/** In proportion to weight and spread evenly: of 2 to 1, a b a and not a a b. (nginx, smooth weighted round robin) */
export function weighted(): Balancer {
  const credits = new WeakMap<Endpoint, number>()
  return {
    pick(endpoints, at) {
      let total = 0
      let best = endpoints[0]!
      let most = -Infinity
      for (const endpoint of endpoints) {
        const share = endpoint.share(at)
        const credit = (credits.get(endpoint) ?? 0) + share
        credits.set(endpoint, credit)
        total += share
        if (credit > most) [best, most] = [endpoint, credit]
      }
      credits.set(best, most - total)
      return best
    },
  }
}

/** The one with the fewest calls under way for its weight; among equals by chance. */
export function leastPending({ random = Math.random }: { random?: () => number } = {}): Balancer {
  return {
    pick(endpoints, at) {
      const start = Math.floor(random() * endpoints.length)
      let best = endpoints[start]!
      let least = Infinity
      for (let i = 0; i < endpoints.length; i++) {
        const endpoint = endpoints[(start + i) % endpoints.length]!
        const load = (endpoint.pending + 1) / endpoint.share(at)
        if (load < least) [best, least] = [endpoint, load]
      }
      return best
    },
  }
}

/** The cheaper of two taken by chance: nearly as good as the cheapest of all, and callers do not all run to the same one. (Mitzenmacher; Linkerd) */
export function peakEwma({ random = Math.random }: { random?: () => number } = {}): Balancer {
  return {
    pick(endpoints, at) {
      const count = endpoints.length
      if (count === 1) return endpoints[0]!
      const first = Math.floor(random() * count)
      const second = (first + 1 + Math.floor(random() * (count - 1))) % count
      const one = endpoints[first]!
      const other = endpoints[second]!
      return other.cost(at) < one.cost(at) ? other : one
    },
  }
}
