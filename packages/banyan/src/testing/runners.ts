import type { Chaos } from '../kernel/chaos.ts'
import { startInOne } from './one-process.ts'
import type { Runner } from './runner.ts'
import { startSplit } from './split.ts'

/** Environment variable with the seed of the faults that `wire` injects; 1 unless said. */
const SEED = 'BANYAN_SEED'

/** What a network may do to a call that in the end succeeds. */
const bearable = (): Chaos => ({
  seed: Number(process.env[SEED] ?? 1),
  latency: { rate: 0.2, ms: 3 },
  drops: 0.05,
  repeats: false,
  duplicates: 0.1,
  shuffles: 0.5,
})

/**
 * The ways to run an app for a test; a suite loops over them.
 *
 * - `local`: one process, services call each other by function calls.
 * - `wire`: one process, but all that passes between services is encoded and decoded as over the network; one command in ten is delivered
 *   twice, one first attempt in twenty is lost and repeated, calls overtake each other, feeds give events again and mix partitions. The seed
 *   is 1, or what BANYAN_SEED says.
 * - `split`: one unit for each service, or those of a topology, over real sockets; in real processes where a module is given.
 */
export const runners: readonly [local: Runner, wire: Runner, split: Runner] = [
  { name: 'local', start: (app, options = {}) => startInOne(app, options, undefined) },
  { name: 'wire', start: (app, options = {}) => startInOne(app, options, options.chaos ?? bearable()) },
  { name: 'split', start: (app, options = {}) => startSplit(app, options) },
]
