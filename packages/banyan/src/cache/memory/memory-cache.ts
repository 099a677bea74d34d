import type { Clock } from '../../kernel/clock.ts'
import { coarseClock } from '../../kernel/coarse-clock.ts'
import { FrequencySketch, hashOf } from './frequency-sketch.ts'
import { grown, NONE, SlotLists } from './slot-lists.ts'

/** What is thrown out when there is no room: what was asked for least often, or what was not asked for the longest. */
export type Eviction = 'w-tinylfu' | 'lru'

export interface MemoryCacheOptions<Value> {
  /** Most entries. */
  readonly entries: number
  /** Most bytes, as the sizes of entries say. */
  readonly bytes: number
  /** `'w-tinylfu'` unless said: it keeps what is popular also while something reads everything once. */
  readonly eviction?: Eviction
  readonly clock?: Pick<Clock, 'monotonic'>
  /** Told of every value that is no longer kept, whatever the reason. */
  readonly removed?: (value: Value, bytes: number) => void
}

const WINDOW = 0
const PROBATION = 1
const PROTECTED = 2
const LISTS = 3
const FIRST_CAPACITY = 256
/** Shares of the room: what is new, and what was asked for again of all else (Caffeine's figures). */
const WINDOW_SHARE = 0.01
const PROTECTED_SHARE = 0.8

/**
 * Values by key in memory, bounded by number and by bytes, each for a time on the monotonic clock, to a millisecond. A `get` makes no garbage.
 *
 * W-TinyLFU: a small window of what is new; what leaves it is kept only if it was asked for more often than what would have to go for it
 * (Einziger, Friedman, Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017).
 */
export class MemoryCache<Value> {
  readonly #slots = new Map<string, number>()
  readonly #options: Required<Pick<MemoryCacheOptions<Value>, 'entries' | 'bytes'>>
  readonly #removed: ((value: Value, bytes: number) => void) | undefined
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #sketch: FrequencySketch | undefined
  readonly #lists = new SlotLists(LISTS, FIRST_CAPACITY)
  readonly #weights = [0, 0, 0]
  readonly #keys: string[] = []
  readonly #values: (Value | undefined)[] = []
  readonly #free: number[] = []
  #capacity = FIRST_CAPACITY
  #used = LISTS
  #expires = new Float64Array(FIRST_CAPACITY)
  #sizes = new Float64Array(FIRST_CAPACITY)
  #hashes = new Int32Array(FIRST_CAPACITY)
  #list = new Uint8Array(FIRST_CAPACITY)
  #evictions = 0

  constructor({ entries, bytes, eviction = 'w-tinylfu', clock = coarseClock, removed }: MemoryCacheOptions<Value>) {
    this.#options = { entries, bytes }
    this.#clock = clock
    this.#removed = removed
    this.#sketch = eviction === 'lru' ? undefined : new FrequencySketch(entries)
  }

  get size(): number {
    return this.#slots.size
  }

  get bytes(): number {
    return this.#weights[WINDOW]! + this.#weights[PROBATION]! + this.#weights[PROTECTED]!
  }

  /** Entries thrown out for want of room. */
  get evictions(): number {
    return this.#evictions
  }

  get(key: string): Value | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    if (this.#expires[slot]! <= this.#clock.monotonic()) {
      this.#remove(slot)
      return undefined
    }
    this.#touch(slot)
    return this.#values[slot]
  }

  /** Keeps a value for `ttlMs`; one that is larger than all the room is not kept: `false`. */
  set(key: string, value: Value, { bytes, ttlMs }: { readonly bytes: number; readonly ttlMs: number }): boolean {
    this.delete(key)
    if (bytes > this.#options.bytes || ttlMs <= 0) return false
    const slot = this.#claim()
    const hash = hashOf(key)
    this.#slots.set(key, slot)
    this.#keys[slot] = key
    this.#values[slot] = value
    this.#hashes[slot] = hash
    this.#sizes[slot] = bytes
    this.#expires[slot] = this.#clock.monotonic() + ttlMs
    this.#sketch?.count(hash)
    this.#put(WINDOW, slot)
    this.#makeRoom()
    return true
  }

  delete(key: string): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    this.#remove(slot)
    return true
  }

  clear(): void {
    for (const key of this.#slots.keys()) this.delete(key)
  }

  #touch(slot: number): void {
    const list = this.#list[slot]!
    this.#sketch?.count(this.#hashes[slot]!)
    if (list !== PROBATION) return this.#lists.toFirst(list, slot)
    this.#move(slot, PROTECTED)
    const { entries, bytes } = this.#options
    while (this.#lists.size(PROTECTED) > entries * PROTECTED_SHARE || this.#weights[PROTECTED]! > bytes * PROTECTED_SHARE) {
      const demoted = this.#lists.last(PROTECTED)
      this.#move(demoted, PROBATION)
      if (demoted === slot) return
    }
  }

  #makeRoom(): void {
    if (this.#sketch) this.#leaveWindow(this.#sketch)
    while (this.#isOver()) this.#evict(this.#oldest())
  }

  /** Lets what the window has no room for compete with what is kept already. */
  #leaveWindow(sketch: FrequencySketch): void {
    const { entries, bytes } = this.#options
    while (this.#lists.size(WINDOW) > Math.max(1, entries * WINDOW_SHARE) || this.#weights[WINDOW]! > bytes * WINDOW_SHARE) {
      const candidate = this.#lists.last(WINDOW)
      this.#move(candidate, PROBATION)
      while (this.#isOver()) {
        const victim = this.#victim(candidate)
        const isAdmitted = victim !== NONE && sketch.of(this.#hashes[candidate]!) > sketch.of(this.#hashes[victim]!)
        this.#evict(isAdmitted ? victim : candidate)
        if (!isAdmitted) break
      }
    }
  }

  /** What would have to go next for a candidate; it has just been put first in its list. */
  #victim(candidate: number): number {
    const probationer = this.#lists.last(PROBATION)
    return probationer === candidate ? this.#lists.last(PROTECTED) : probationer
  }

  #oldest(): number {
    for (const list of [PROBATION, PROTECTED]) {
      const slot = this.#lists.last(list)
      if (slot !== NONE) return slot
    }
    return this.#lists.last(WINDOW)
  }

  #isOver(): boolean {
    return this.#slots.size > this.#options.entries || this.bytes > this.#options.bytes
  }

  #evict(slot: number): void {
    this.#evictions++
    this.#remove(slot)
  }

  #remove(slot: number): void {
    const value = this.#values[slot] as Value
    const bytes = this.#sizes[slot]!
    this.#take(slot)
    this.#slots.delete(this.#keys[slot]!)
    this.#keys[slot] = ''
    this.#values[slot] = undefined
    this.#free.push(slot)
    this.#removed?.(value, bytes)
  }

  #move(slot: number, list: number): void {
    this.#take(slot)
    this.#put(list, slot)
  }

  #put(list: number, slot: number): void {
    this.#list[slot] = list
    this.#weights[list]! += this.#sizes[slot]!
    this.#lists.putFirst(list, slot)
  }

  #take(slot: number): void {
    const list = this.#list[slot]!
    this.#weights[list]! -= this.#sizes[slot]!
    this.#lists.take(list, slot)
  }

  #claim(): number {
    const freed = this.#free.pop()
    if (freed !== undefined) return freed
    if (this.#used === this.#capacity) this.#grow(this.#capacity * 2)
    // arrays stay without holes, which are slower to read
    while (this.#values.length <= this.#used) {
      this.#values.push(undefined)
      this.#keys.push('')
    }
    return this.#used++
  }

  #grow(capacity: number): void {
    this.#capacity = capacity
    this.#lists.grow(capacity)
    this.#expires = grown(this.#expires, new Float64Array(capacity))
    this.#sizes = grown(this.#sizes, new Float64Array(capacity))
    this.#hashes = grown(this.#hashes, new Int32Array(capacity))
    this.#list = grown(this.#list, new Uint8Array(capacity))
  }
}
