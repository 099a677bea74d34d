import { atMost, median, table, type Benchmark } from '../report.ts'
import { parts } from './parts.ts'
import { bare, ways } from './ways.ts'

const ROUNDS = 60
const CALLS = 10_000
const WARM_UP = 200_000

const text = `Nanoseconds for a call to another unit with three instances, beside what the call itself takes. The connections answer with a promise that
is resolved already, so that nothing else shows. The parts by themselves are called as a way calls them, with a time that was read; whole ways
read the clock twice a call. "All but the limit that adapts" is what a topology has unless it says otherwise.`

/** What stands around a call between units, by itself and together. */
export const run: Benchmark = async (progress) => {
  const subjects = { ...parts(), ...ways() }
  const names = Object.keys(subjects) as (keyof typeof subjects)[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<keyof typeof subjects, number[]>
  progress(`warming up, then ${ROUNDS} rounds of ${CALLS} calls each`)
  for (const name of names) await subjects[name](WARM_UP)
  // in short turns, so that what else happens on the machine happens to all
  for (let round = 0; round < ROUNDS; round++) for (const name of names) times[name].push(await nanoseconds(subjects[name]))
  const beside = (name: keyof typeof subjects) => median(times[name].map((time, round) => time - times[bare][round]!))
  const cost = (name: keyof typeof subjects) => (name.startsWith('way') ? beside(name) : median(times[name]))
  return {
    name: 'policies',
    node: process.versions.node,
    runs: ROUNDS,
    goals: [
      atMost('ns for the breaker', 200, cost('breaker')),
      atMost('ns for a way with all policies', 1_000, cost('way, all')),
      atMost('ns that the breaker adds to a way', 200, cost('way, all') - cost('way, all but the breaker')),
    ],
    text: `${table([['', 'ns'], ...names.map((name) => [name, cost(name).toFixed(0)])])}\n\n${text}`,
  }
}

async function nanoseconds(subject: (count: number) => void | Promise<void>): Promise<number> {
  const began = process.hrtime.bigint()
  await subject(CALLS)
  return Number(process.hrtime.bigint() - began) / CALLS
}
