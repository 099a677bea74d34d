import { crashPoints, type CrashPoint } from 'banyan/testing'
import type { Topology } from './arguments.ts'
import { random } from '../fleet/random.ts'

/** What is to happen in a round. */
export interface Round {
  /** Where a unit dies: a crash point of Banyan, or while the card provider is asked; or how much of the database is killed. */
  readonly at: CrashPoint | 'charge' | 'all of it' | 'one process'
  /** At which visit of that point; where the database is killed, after how many orders. */
  readonly visit: number
  readonly topology: Topology
  /** The unit that dies, or `the database`. */
  readonly victim: string
}

const occasions: readonly Round['at'][] = [...(Object.keys(crashPoints) as CrashPoint[]), 'charge', 'all of it', 'one process']

/** Rounds over all occasions in turn; how often each point is passed before, and where, follows from the seed. */
export function plan(count: number, seed: number, only?: Topology): Round[] {
  const chance = random(seed)
  const rounds = Array.from({ length: count }, (_, index): Round => {
    const at = occasions[index % occasions.length]!
    const topology = at === 'call.executed' ? 'split' : (only ?? chance.pick(['one', 'one', 'split']))
    const visit = Math.floor(chance.between(1, 1 + mostVisits(at)))
    return { at, visit, topology, victim: chance.pick(victimsOf(at, topology)) }
  })
  // whoever moves to another address waits until the leases of its predecessor end, so the shop is divided once
  return [...rounds.filter(({ topology }) => topology === 'one'), ...rounds.filter(({ topology }) => topology === 'split')]
}

/** Units that get there: the card provider is asked by `sales`. */
function victimsOf(at: Round['at'], topology: Topology): readonly string[] {
  if (at === 'all of it' || at === 'one process') return ['the database']
  if (topology === 'one') return ['all']
  return at === 'charge' ? ['sales'] : ['sales', 'stock']
}

function mostVisits(at: Round['at']): number {
  if (at.startsWith('lease.')) return 2
  return at.startsWith('migration.') ? 6 : 10
}
