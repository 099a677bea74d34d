interface Kept<Value> {
  /** The whole key. */
  readonly key: string
  readonly value: Value
  readonly until: number
}

/** Tokens end with what differs most, their signatures: to hash all of one for each request would take longer than all else here. */
const TAIL = 32

/**
 * Values that are good until a moment; when it is full, those not used for longest go first. Two maps, of which the older is thrown away when
 * the newer is full: to find a value changes nothing, where an order of use would be written anew for every request. Of keys that end alike,
 * in 32 characters, the last one is kept.
 */
export class TokenCache<Value> {
  #recent = new Map<string, Kept<Value>>()
  #before = new Map<string, Kept<Value>>()
  readonly #half: number

  /** `capacity`: most values, at least 2. Between half of them and all are kept. */
  constructor(capacity: number) {
    this.#half = Math.max(1, Math.floor(capacity / 2))
  }

  get size(): number {
    return this.#recent.size + this.#before.size
  }

  /** The value kept for a key, unless its time (milliseconds by the same clock as `now`) has come. */
  find(key: string, now: number): Value | undefined {
    const tail = key.slice(-TAIL)
    const recent = this.#recent.get(tail)
    const kept = recent ?? this.#before.get(tail)
    if (kept?.key !== key) return undefined
    if (kept.until <= now) return this.#forget(tail)
    if (!recent) this.#put(tail, kept)
    return kept.value
  }

  keep(key: string, value: Value, until: number): void {
    this.#put(key.slice(-TAIL), { key, value, until })
  }

  #put(tail: string, kept: Kept<Value>): void {
    this.#before.delete(tail)
    if (this.#recent.size >= this.#half && !this.#recent.has(tail)) {
      this.#before = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(tail, kept)
  }

  #forget(tail: string): undefined {
    this.#recent.delete(tail)
    this.#before.delete(tail)
  }
}
