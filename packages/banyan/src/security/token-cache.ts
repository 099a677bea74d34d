interface Kept<Value> {
  readonly value: Value
  readonly until: number
}

/**
 * Values that are good until a moment; when it is full, those not used for longest go first. Two maps, of which the older is thrown away when
 * the newer is full: to find a value changes nothing, where an order of use would be written anew for every request.
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
    const recent = this.#recent.get(key)
    const kept = recent ?? this.#before.get(key)
    if (!kept) return undefined
    if (kept.until <= now) return this.#forget(key)
    if (!recent) this.#put(key, kept)
    return kept.value
  }

  keep(key: string, value: Value, until: number): void {
    this.#put(key, { value, until })
  }

  #put(key: string, kept: Kept<Value>): void {
    this.#before.delete(key)
    if (this.#recent.size >= this.#half && !this.#recent.has(key)) {
      this.#before = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, kept)
  }

  #forget(key: string): undefined {
    this.#recent.delete(key)
    this.#before.delete(key)
  }
}
