import type { Outcome } from './unit.ts'

/** A stream folded up to a version. Shared by all who decide on it, so it must not be changed. */
export interface StreamState<State = unknown> {
  /** 0 for a stream without events. */
  readonly version: number
  /** The id of the event of that version; what an append gives as `last`. */
  readonly last?: string
  readonly state: State
}

/** What a unit makes of a stream, if it is committed. */
export interface Proposal {
  readonly stream: string
  /** What was decided on, as `latest` or `load` gave it. */
  readonly base: StreamState
  /** The state after the unit's events; the same object as `base` where it adds none. */
  readonly next: StreamState
  /** Roughly how much larger the state is for it. */
  readonly bytes?: number
}

export interface StateCacheOptions {
  /** Most streams kept; 10,000 unless said. */
  readonly maxEntries?: number
  /** Most bytes kept, as far as those who load and propose tell; 64 MiB unless said. */
  readonly maxBytes?: number
}

interface Entry {
  committed: StreamState
  /** Submitted and not yet settled, each built on the one before. */
  pending: StreamState[]
  bytes: number
}

/** What an entry costs besides its state. */
const OVERHEAD = 300

/**
 * The states of the streams used last, and on top of them what was submitted but is not committed yet, so that the next decision on a hot
 * stream need not wait for the commit of the one before.
 *
 * What it gives may be out of date or never be committed. That is safe as long as whoever decides on it appends with its `version` and
 * `last`, also when the decision adds no event or refuses: the commit then fails unless the state was the true one. A conflict or an
 * error forgets the stream; any other failure returns to what was committed. Streams with something pending are not evicted.
 */
export class StateCache {
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #entries = new Map<string, Entry>()
  readonly #loading = new Map<string, Promise<StreamState>>()
  #bytes = 0

  constructor(options: StateCacheOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 10_000
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024
  }

  get size(): number {
    return this.#entries.size
  }

  /** What follows if everything submitted is committed. */
  latest(stream: string): StreamState | undefined {
    const entry = this.#use(stream)
    return entry?.pending.at(-1) ?? entry?.committed
  }

  committed(stream: string): StreamState | undefined {
    return this.#use(stream)?.committed
  }

  /** The latest state, read by `read` where it is not known; those who ask meanwhile share the reading. */
  async load(stream: string, read: () => Promise<{ state: StreamState; bytes: number }>): Promise<StreamState> {
    const known = this.latest(stream) ?? this.#loading.get(stream)
    if (known) return known
    const loading = read().then(({ state, bytes }) => {
      // forgotten meanwhile: what was read may be what the conflict was about
      if (this.#loading.get(stream) !== loading) return state
      this.#loading.delete(stream)
      if (!this.#entries.has(stream)) this.#keep(stream, state, bytes)
      return this.latest(stream) ?? state
    })
    this.#loading.set(stream, loading)
    loading.catch(() => {
      if (this.#loading.get(stream) === loading) this.#loading.delete(stream)
    })
    return loading
  }

  /**
   * Makes the proposals the latest states, commits, and keeps or withdraws them by the outcome. A proposal that was decided on something
   * older than the latest state is a conflict at once, without `commit`.
   */
  async submit(proposals: readonly Proposal[], commit: () => Promise<Outcome>): Promise<Outcome> {
    for (const { stream, base } of proposals) {
      const latest = this.latest(stream)
      if (latest && !same(latest, base)) return { kind: 'conflict', stream, expected: base.version, actual: latest.version }
    }
    for (const proposal of proposals) this.#propose(proposal)
    let outcome: Outcome | undefined
    try {
      outcome = await commit()
      return outcome
    } finally {
      for (const { stream, base, next } of proposals) {
        if (outcome?.kind === 'committed') this.#confirm(stream, next)
        else if (outcome === undefined || (outcome.kind === 'conflict' && outcome.stream === stream)) this.forget([stream])
        else this.#withdraw(stream, base, next)
      }
      this.#evict()
    }
  }

  forget(streams: Iterable<string>): void {
    for (const stream of streams) {
      this.#loading.delete(stream)
      const entry = this.#entries.get(stream)
      if (!entry) continue
      this.#bytes -= entry.bytes
      this.#entries.delete(stream)
    }
  }

  #propose({ stream, base, next, bytes = 0 }: Proposal): void {
    const entry = this.#entries.get(stream) ?? this.#keep(stream, base, 0)
    if (next === base) return
    entry.pending.push(next)
    entry.bytes += bytes
    this.#bytes += bytes
  }

  #confirm(stream: string, next: StreamState): void {
    const entry = this.#entries.get(stream)
    if (!entry || entry.committed.version >= next.version) return
    const index = entry.pending.indexOf(next)
    entry.committed = next
    // not found: it was withdrawn with one it was thought to depend on
    entry.pending = index === -1 ? [] : entry.pending.slice(index + 1)
  }

  #withdraw(stream: string, base: StreamState, next: StreamState): void {
    const entry = this.#entries.get(stream)
    if (!entry || next === base) return
    const index = entry.pending.indexOf(next)
    if (index !== -1) entry.pending.length = index
  }

  #use(stream: string): Entry | undefined {
    const entry = this.#entries.get(stream)
    if (entry) {
      // the map's order is the order of use
      this.#entries.delete(stream)
      this.#entries.set(stream, entry)
    }
    return entry
  }

  #keep(stream: string, committed: StreamState, bytes: number): Entry {
    const entry = { committed, pending: [], bytes: bytes + OVERHEAD }
    this.#entries.set(stream, entry)
    this.#bytes += entry.bytes
    this.#evict(stream)
    return entry
  }

  /** Several at a time: to find the one used longest ago, the map walks over the holes that those used since have left. */
  #evict(but?: string): void {
    if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return
    const [entries, bytes] = [withRoom(this.#maxEntries), withRoom(this.#maxBytes)]
    for (const [stream, entry] of this.#entries) {
      if (entry.pending.length > 0 || stream === but) continue
      this.forget([stream])
      if (this.#entries.size <= entries && this.#bytes <= bytes) return
    }
  }
}

function same(a: StreamState, b: StreamState): boolean {
  return a.version === b.version && a.last === b.last
}

function withRoom(most: number): number {
  return most - Math.floor(most / 16)
}
