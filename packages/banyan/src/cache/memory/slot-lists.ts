/** A slot that is none. */
export const NONE = -1

/**
 * Doubly linked lists of slots in typed arrays, so that moving an entry makes no garbage. Each list is a ring through a head of its own;
 * heads are the first slots. A slot is in at most one list.
 */
export class SlotLists {
  readonly #lists: number
  #next: Int32Array
  #previous: Int32Array
  readonly #sizes: number[]

  constructor(lists: number, capacity: number) {
    this.#lists = lists
    this.#next = new Int32Array(capacity)
    this.#previous = new Int32Array(capacity)
    this.#sizes = Array.from({ length: lists }, () => 0)
    for (let head = 0; head < lists; head++) this.#next[head] = this.#previous[head] = head
  }

  grow(capacity: number): void {
    this.#next = grown(this.#next, new Int32Array(capacity))
    this.#previous = grown(this.#previous, new Int32Array(capacity))
  }

  size(list: number): number {
    return this.#sizes[list]!
  }

  /** The slot used last. */
  first(list: number): number {
    const slot = this.#next[list]!
    return slot < this.#lists ? NONE : slot
  }

  /** The slot not used for the longest time. */
  last(list: number): number {
    const slot = this.#previous[list]!
    return slot < this.#lists ? NONE : slot
  }

  putFirst(list: number, slot: number): void {
    const next = this.#next[list]!
    this.#next[list] = slot
    this.#previous[slot] = list
    this.#next[slot] = next
    this.#previous[next] = slot
    this.#sizes[list]!++
  }

  take(list: number, slot: number): void {
    const next = this.#next[slot]!
    const previous = this.#previous[slot]!
    this.#next[previous] = next
    this.#previous[next] = previous
    this.#sizes[list]!--
  }

  toFirst(list: number, slot: number): void {
    if (this.#next[list] === slot) return
    this.take(list, slot)
    this.putFirst(list, slot)
  }
}

/** `larger` with what was in `given`. */
export function grown<T extends Int32Array | Uint32Array | Uint8Array | Float64Array>(given: T, larger: T): T {
  larger.set(given)
  return larger
}
