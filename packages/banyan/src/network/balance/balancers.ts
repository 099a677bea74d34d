import type { BalancerName } from '../../model/edge.ts'
import { consistentHash } from './consistent-hash.ts'
import { leastPending, peakEwma, roundRobin, weighted, type Balancer } from './balancer.ts'

/** By the names that topologies and gateway files use. */
export const balancers: Readonly<Record<BalancerName, () => Balancer>> = {
  'peak-ewma': peakEwma,
  'round-robin': roundRobin,
  weighted,
  'least-connections': leastPending,
  'consistent-hash': consistentHash,
}
