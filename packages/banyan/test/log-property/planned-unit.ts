import type { NewEvent } from '../../src/events/event.ts'
import { partitionOf } from '../../src/events/partition.ts'
import type { KeyRecord, Outcome, StreamAppend, Unit } from '../../src/events/unit.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
import { newEvent } from '../events/log-database.ts'
import type { Choices } from './choices.ts'

/** How a unit is committed: with others by the group committer, or at the end of a transaction with SQL of its own. */
export type Way = 'committer' | 'transaction'

export interface PlannedUnit {
  readonly id: string
  readonly way: Way
  readonly unit: Unit
  /** The ids of its events. */
  readonly events: readonly string[]
}

/** What a process believes about streams; others write them too, so often it is wrong. */
export type Beliefs = Map<string, { readonly version: number; readonly last?: string }>

export const HAPPENED = 'Happened'

/** Few partitions, so that streams get into each other's way; new streams lie anywhere. */
const busy = Array.from({ length: 800 }, (_, index) => `order/${index}`).filter((stream) => partitionOf(stream) < 8)
const hot = busy.slice(0, 3)
const warm = busy.slice(3, 63)

/** One to three streams, the first of them with events; where the others have none their version is asserted. */
export function planUnit(choices: Choices, beliefs: Beliefs, key?: string): PlannedUnit {
  const id = uuidv7()
  const way: Way = choices.chance(0.6) ? 'committer' : 'transaction'
  const names = new Set(Array.from({ length: choices.one([1, 1, 1, 2, 3]) }, () => someStream(choices)))
  const streams = [...names].map((stream, index) => {
    const count = index === 0 ? choices.one([1, 1, 2]) : choices.below(2)
    return planAppend(
      choices,
      beliefs,
      stream,
      Array.from({ length: count }, () => eventOf(id, way)),
    )
  })
  const events = streams.flatMap((append) => append.events.map((event) => event.id))
  return { id, way, events, unit: { tenant: '', streams, sends: [], ...(key && { key: keyRecord(key, id) }) } }
}

function someStream(choices: Choices): string {
  const heat = choices.below(10)
  if (heat < 3) return choices.one(hot)
  return heat < 8 ? choices.one(warm) : `order/${uuidv7()}`
}

function planAppend(choices: Choices, beliefs: Beliefs, stream: string, events: readonly NewEvent[]): StreamAppend {
  if (choices.chance(0.5)) return { stream, expected: 'any', events }
  const { version, last } = beliefs.get(stream) ?? { version: 0 }
  return { stream, expected: version, ...(last && { last }), events }
}

function eventOf(unit: string, way: Way): NewEvent {
  return { ...newEvent(HAPPENED), data: JSON.stringify({ unit, way }) }
}

function keyRecord(key: string, unit: string): KeyRecord {
  return { key, operation: 'place', tenant: '', subject: 'anybody', input: 'the same', result: JSON.stringify({ unit }) }
}

/** Takes over what an outcome says about the streams of its unit. */
export function learn({ streams }: Unit, outcome: Outcome, beliefs: Beliefs): void {
  if (outcome.kind === 'conflict') beliefs.set(outcome.stream, { version: outcome.actual })
  if (outcome.kind !== 'committed') return
  for (const [index, { stream, events }] of streams.entries()) {
    const last = events.at(-1)?.id
    beliefs.set(stream, { version: outcome.versions[index]!, ...(last && { last }) })
  }
}
