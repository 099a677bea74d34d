/** Most tags remembered; beyond, all entries that are older than the older half count as invalidated. */
const MOST = 100_000

/**
 * When tags were last invalidated, as far as this process has heard. Time is a number that grows by one with every invalidation, and an
 * entry carries the number at which its load began: it is current while no tag of it has a higher one. So it does not matter in which order
 * a late load, an invalidation and the word of it arrive.
 */
export class TagVersions {
  readonly #tags = new Map<string, number>()
  readonly #most: number
  #latest: number
  #floor = 0

  constructor(latest = 0, most: number = MOST) {
    this.#latest = latest
    this.#most = most
  }

  /** The number of the last invalidation heard of. */
  get latest(): number {
    return this.#latest
  }

  /** Whether nothing that an entry depends on was invalidated since the load that began at `at`. */
  isCurrent(at: number, tags: readonly string[]): boolean {
    if (at < this.#floor) return false
    for (const tag of tags) {
      const version = this.#tags.get(tag)
      if (version !== undefined && version > at) return false
    }
    return true
  }

  /** The number of a tag's last invalidation that is remembered; the last of all where none is. */
  of(tag: string): number {
    return this.#tags.get(tag) ?? this.#latest
  }

  /** An invalidation in this process alone. */
  next(tags: readonly string[]): void {
    const version = this.#latest + 1
    for (const tag of tags) this.note(tag, version)
  }

  /** A tag was invalidated, here or elsewhere. */
  note(tag: string, version: number): void {
    if ((this.#tags.get(tag) ?? 0) >= version) return
    // put last, so that the oldest come first
    this.#tags.delete(tag)
    this.#tags.set(tag, version)
    this.reach(version)
    if (this.#tags.size > this.#most) this.#forgetHalf()
  }

  /** All invalidations up to here have been noted. */
  reach(latest: number): void {
    if (latest > this.#latest) this.#latest = latest
  }

  /** Everything loaded before `floor` counts as invalidated. */
  raiseFloor(floor: number): void {
    if (floor <= this.#floor) return
    this.#floor = floor
    this.reach(floor)
  }

  #forgetHalf(): void {
    let left = this.#most >> 1
    for (const [tag, version] of this.#tags) {
      if (left-- <= 0) return
      this.#tags.delete(tag)
      this.raiseFloor(version)
    }
  }
}
