import type { NewEvent } from './event.ts'
import { partitionOf } from './partition.ts'
import type { CheckpointAdvance, Due, KeyRecord, Outcome, Send, StreamAppend, Unit, WrittenPosition } from './unit.ts'

/** Stands where no id is expected or given. */
const none = '00000000-0000-0000-0000-000000000000'

const expectations = { any: -1, exists: -2, absent: 0 } as const

/** A stream of a batch, once however many units append to it. */
interface BatchStream {
  readonly index: number
  readonly name: string
  readonly partition: number
  /** What the first of its entries expects. */
  readonly base: number
  readonly baseLast: string
  /** How many events all entries add, and the last of them. */
  total: number
  final: string
  /** Whether `base` is the exact version. */
  readonly exact: boolean
}

/** One unit's append to one stream. */
interface BatchEntry {
  readonly unit: number
  readonly append: StreamAppend
  readonly stream: BatchStream
  readonly expected: number
  /** How many events earlier entries of the stream add. */
  readonly before: number
  /** Index of its first event in the batch. */
  readonly first: number
}

interface BatchEvent {
  readonly entry: BatchEntry
  readonly event: NewEvent
  /** Its version is this far from the stream's base, if all before it are added. */
  readonly offset: number
}

interface Indexed<T> {
  readonly unit: number
  readonly value: T
}

/** Units on their way to `banyan_commit`. */
export class Batch {
  readonly units: readonly Unit[]
  readonly #streams = new Map<string, BatchStream>()
  readonly #entries: BatchEntry[] = []
  readonly #events: BatchEvent[] = []
  readonly #keys: Indexed<KeyRecord>[] = []
  readonly #sends: Indexed<Send>[] = []
  readonly #checkpoints: Indexed<CheckpointAdvance>[] = []
  /** Whether units may contradict each other, so that they must be judged one by one. */
  #oneByOne = false

  constructor(units: readonly Unit[]) {
    this.units = units
    const seen = new Set<string>()
    units.forEach((unit, index) => {
      for (const append of unit.streams) this.#addEntry(index, append)
      for (const send of unit.sends) this.#sends.push({ unit: index, value: send })
      if (unit.key) this.#keys.push({ unit: index, value: this.#distinct(seen, unit.key, unit.key.key) })
      const advance = unit.checkpoint
      if (advance)
        this.#checkpoints.push({ unit: index, value: this.#distinct(seen, advance, `${advance.subscription}\n${advance.source}\n${advance.partition}`) })
    })
  }

  /**
   * The parameters of `banyan_commit`: integers, texts, ids and JSON texts, each holding the columns below one after another. Counts
   * come first; indexes count from 1.
   */
  columns(): BatchColumns {
    const streams = [...this.#streams.values()]
    const [entries, events, keys, sends, checkpoints] = [this.#entries, this.#events, this.#keys, this.#sends, this.#checkpoints]
    const locks = [...new Set(streams.map((stream) => stream.partition))].sort((a, b) => a - b)
    const ints = [
      this.units.length,
      locks.length,
      streams.length,
      events.length,
      keys.length,
      sends.length,
      checkpoints.length,
      entries.length,
      this.#oneByOne ? 1 : 0,
    ]
    const [texts, uuids, jsons]: [string[], string[], string[]] = [[], [], []]
    ints.push(...locks)
    for (const { partition } of streams) ints.push(partition)
    for (const { base } of streams) ints.push(base)
    for (const { total } of streams) ints.push(total)
    for (const { entry } of events) ints.push(entry.stream.index + 1)
    for (const { offset } of events) ints.push(offset)
    for (const { entry } of events) ints.push(entry.unit + 1)
    for (const { event } of events) ints.push(event.schema)
    for (const group of [keys, sends, checkpoints]) for (const { unit } of group) ints.push(unit + 1)
    for (const { value } of checkpoints) ints.push(value.partition)
    for (const { unit } of entries) ints.push(unit + 1)
    for (const { stream } of entries) ints.push(stream.index + 1)
    for (const { first } of entries) ints.push(first + 1)
    for (const { expected } of entries) ints.push(expected)
    for (const { append } of entries) ints.push(append.events.length)

    for (const { tenant } of this.units) texts.push(tenant)
    for (const { name } of streams) texts.push(name)
    for (const { event } of events) texts.push(event.type)
    for (const { value } of keys) texts.push(value.operation)
    for (const { value } of keys) texts.push(value.tenant)
    for (const { value } of keys) texts.push(value.subject)
    for (const { value } of keys) texts.push(value.input)
    for (const { value } of sends) texts.push(value.service)
    for (const { value } of sends) texts.push(value.operation)
    for (const { value } of sends) texts.push(dueText(value.due))
    for (const { value } of checkpoints) texts.push(value.subscription)
    for (const { value } of checkpoints) texts.push(value.source)
    for (const { value } of checkpoints) texts.push(String(value.epoch))
    for (const { value } of checkpoints) texts.push(String(value.position))

    for (const { baseLast } of streams) uuids.push(baseLast)
    for (const { final } of streams) uuids.push(final)
    for (const { event } of events) uuids.push(event.id)
    for (const { value } of keys) uuids.push(value.key)
    for (const { value } of sends) uuids.push(value.id)
    for (const { append } of entries) uuids.push(append.last ?? none)
    for (const { append } of entries) uuids.push(append.events.at(-1)?.id ?? none)

    for (const { event } of events) jsons.push(event.data)
    for (const { event } of events) jsons.push(event.meta)
    for (const { value } of keys) jsons.push(value.result)
    for (const { value } of sends) jsons.push(value.input)
    for (const { value } of sends) jsons.push(value.context)
    return { ints, texts, uuids, jsons }
  }

  /** What `banyan_commit` answered, by unit. */
  outcomes(answer: string): Outcome[] {
    const { bases, entries, positions, failures } = JSON.parse(answer) as Answer
    const outcomes = this.units.map((): { kind: 'committed'; versions: number[]; positions: WrittenPosition[] } => ({
      kind: 'committed',
      versions: [],
      positions: [],
    }))
    const failed = new Map(failures.map((failure) => [failure.unit, failure]))
    this.#entries.forEach((entry, index) => {
      if (failed.has(entry.unit)) return
      const { versions, positions: written } = outcomes[entry.unit]!
      const count = entry.append.events.length
      versions.push((entries?.[index] ?? bases[entry.stream.index]! + entry.before) + count)
      if (count > 0) addPosition(written, entry.stream.partition, positions[entry.first + count - 1]!)
    })
    return outcomes.map((outcome, unit) => {
      const failure = failed.get(unit)
      return failure ? this.#failed(failure) : outcome
    })
  }

  #failed(failure: Failure): Outcome {
    if (failure.kind !== 'conflict') {
      const { unit: _, ...outcome } = failure
      return outcome
    }
    const { stream, expected } = this.#entries[failure.entry]!.append
    return { kind: 'conflict', stream, expected, actual: failure.actual }
  }

  #addEntry(unit: number, append: StreamAppend): void {
    const expected = typeof append.expected === 'number' ? append.expected : expectations[append.expected]
    const stream = this.#streams.get(append.stream) ?? this.#addStream(append, expected)
    if (stream.total > 0 || stream.base !== expected) this.#oneByOne ||= !follows(stream, expected, append.last)
    const entry = { unit, append, stream, expected, before: stream.total, first: this.#events.length }
    this.#entries.push(entry)
    for (const event of append.events) this.#events.push({ entry, event, offset: ++stream.total })
    stream.final = append.events.at(-1)?.id ?? stream.final
  }

  #addStream(append: StreamAppend, base: number): BatchStream {
    const index = this.#streams.size
    const stream = {
      index,
      name: append.stream,
      partition: partitionOf(append.stream),
      base,
      baseLast: append.last ?? none,
      total: 0,
      final: none,
      exact: base >= 0,
    }
    this.#streams.set(append.stream, stream)
    return stream
  }

  #distinct<T>(seen: Set<string>, value: T, identity: string): T {
    if (seen.has(identity)) this.#oneByOne = true
    seen.add(identity)
    return value
  }
}

export interface BatchColumns {
  readonly ints: readonly number[]
  readonly texts: readonly string[]
  readonly uuids: readonly string[]
  /** JSON texts. */
  readonly jsons: readonly string[]
}

interface Answer {
  /** The version found, by stream. */
  readonly bases: readonly number[]
  /** The version it builds on, by entry; null when all units were added and the base tells. */
  readonly entries: readonly number[] | null
  /** By event; null for those not added. */
  readonly positions: readonly (number | null)[]
  readonly failures: readonly Failure[]
}

type Failure = { readonly unit: number } & (
  | { readonly kind: 'conflict'; readonly entry: number; readonly actual: number }
  | { readonly kind: 'duplicate'; readonly input: string; readonly result: string }
  | { readonly kind: 'lease_lost' }
)

/** Whether an expectation is certain to hold if the earlier entries of its stream are added. */
function follows(stream: BatchStream, expected: number, last: string | undefined): boolean {
  if (expected === expectations.any) return true
  if (expected === expectations.exists) return stream.total > 0
  return stream.exact && expected === stream.base + stream.total && (last === undefined || last === (stream.total > 0 ? stream.final : stream.baseLast))
}

/** As `banyan_commit` reads it: empty for at once, an interval, or a moment. */
function dueText(due: Due | undefined): string {
  if (!due) return ''
  return 'at' in due ? due.at.toISOString() : `${due.afterMs} ms`
}

function addPosition(written: WrittenPosition[], partition: number, position: number): void {
  const known = written.findIndex((one) => one.partition === partition)
  if (known === -1) written.push({ partition, position })
  else written[known] = { partition, position: Math.max(position, written[known]!.position) }
}
