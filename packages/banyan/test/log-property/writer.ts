import { derivedId, uuidv7 } from '../../src/kernel/id.ts'
import { attempt, type Means } from './attempts.ts'
import type { Journal, Told } from './journal.ts'
import { planUnit } from './planned-unit.ts'

export interface WriterOptions extends Means {
  readonly journal: Journal
  /** What the keys that all writers share are derived from. */
  readonly keys: string
  readonly stop: AbortSignal
  /** Called whenever it was told something, after that is in the journal. */
  readonly progress: () => void
}

/** Writes unit after unit until it is stopped, each answer into the journal before it goes on. */
export async function write(options: WriterOptions): Promise<void> {
  const { choices, keys, stop } = options
  for (let round = 0; !stop.aborted; round++) {
    // writers go at about the same pace, so several come to a shared key at about the same time
    if (choices.chance(0.2)) await insist(options, derivedId(keys, round + choices.below(3)))
    else if (choices.chance(0.1)) await insist(options, uuidv7())
    else await once(options)
  }
}

/** What clients do: repeats a command until it is known to be executed. Some repeat it even then, some send it twice at a time. */
async function insist(options: WriterOptions, key: string): Promise<void> {
  const { choices, stop } = options
  let left = choices.one([1, 1, 2])
  while (left > 0 && !stop.aborted) {
    const told = await Promise.all(Array.from({ length: choices.one([1, 1, 2]) }, () => once(options, key)))
    if (told.some((one) => one === 'committed' || one === 'duplicate')) left--
  }
}

async function once(options: WriterOptions, key?: string): Promise<Told> {
  const { choices, beliefs, journal, progress } = options
  const planned = planUnit(choices, beliefs, key)
  journal.begun(planned)
  const answer = await attempt(planned, options)
  journal.told(planned, answer)
  progress()
  return answer.told
}
