import type { Balancer } from './balancer.ts'
import type { Endpoint } from './endpoint.ts'

export interface ConsistentHashOptions {
  /** How many times the mean an endpoint may be loaded before its keys go to their next choice; 1.25 unless said. */
  readonly bound?: number
}

/**
 * Calls with one key go to one endpoint, so that what it keeps in memory is of use. When an endpoint comes or goes only its own keys move
 * (rendezvous hashing, Thaler and Ravishankar), and one that is much busier than the mean passes keys on (Mirrokni et al., bounded loads).
 * Costs one hash an endpoint. Calls without a key are one key.
 */
export function consistentHash({ bound = 1.25 }: ConsistentHashOptions = {}): Balancer {
  const seeds = new WeakMap<Endpoint, number>()
  const seedOf = (endpoint: Endpoint) => {
    const seed = seeds.get(endpoint) ?? hash(endpoint.instance.id)
    seeds.set(endpoint, seed)
    return seed
  }
  return {
    pick(endpoints, _at, key = '') {
      let pending = 1
      let weights = 0
      for (const endpoint of endpoints) {
        pending += endpoint.pending
        weights += endpoint.weight
      }
      const hashed = hash(key)
      let best = endpoints[0]!
      let most = -Infinity
      for (const endpoint of endpoints) {
        if (endpoint.pending >= Math.ceil((bound * pending * endpoint.weight) / weights)) continue
        // a weighted score keeps the shares right without moving other keys when a weight changes
        const score = endpoint.weight / -Math.log((mixed(hashed ^ seedOf(endpoint)) + 0.5) / 2 ** 32)
        if (score > most) [best, most] = [endpoint, score]
      }
      return best
    },
  }
}

/** FNV-1a over UTF-16 units, then mixed. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return mixed(value)
}

/** Spreads every bit over all 32 (MurmurHash3's last step). */
function mixed(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
