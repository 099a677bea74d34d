import type { Marks } from './marks.ts'

/** What a load has answered. */
export interface Loaded {
  /** JSON text. */
  readonly text: string
  /** `error`: a refusal that is remembered as well, such as that something does not exist. */
  readonly kind: 'value' | 'error'
  /** How long it is fresh, in milliseconds. */
  readonly ttlMs: number
  readonly tags: readonly string[]
}

/** How long a value may be served, in milliseconds; the later two count from the end of the first. */
export interface Lifetimes {
  readonly ttlMs: number
  /** While it is loaded again in the background (RFC 5861 §3). */
  readonly staleMs: number
  /** When loading it again fails (RFC 5861 §4). */
  readonly staleOnErrorMs: number
}

/** What an entry is, wherever it is kept. */
export interface EntryFacts extends Lifetimes {
  readonly kind: Loaded['kind']
  /** How long its load took, in milliseconds. */
  readonly costMs: number
  readonly marks: Marks
}

/** An answer as it is kept. */
export interface Entry extends EntryFacts {
  readonly text: string
  /** `text` as a value, frozen, since all who ask share it. */
  readonly value: unknown
  /** The number of invalidations when its load began. */
  readonly at: number
  readonly tags: readonly string[]
  /** When its load began, on this process's monotonic clock: its age counts from there. */
  readonly bornAt: number
}

/** `fresh`: to be served. `stale`: to be served while it is loaded again. `failing`: to be served if loading it again fails. `over`: never. */
export type Standing = 'fresh' | 'stale' | 'failing' | 'over'

export function standingAt({ bornAt, ttlMs, staleMs, staleOnErrorMs }: Lifetimes & Pick<Entry, 'bornAt'>, now: number): Standing {
  const past = now - bornAt - ttlMs
  if (past < 0) return 'fresh'
  if (past < staleMs) return 'stale'
  return past < staleOnErrorMs ? 'failing' : 'over'
}

/** How long anybody may still have use for it, from its load on. */
export function lifeOf({ ttlMs, staleMs, staleOnErrorMs }: Lifetimes): number {
  return ttlMs + Math.max(staleMs, staleOnErrorMs)
}

/** What an entry takes in memory, about: its text, the value made of it, and what is kept with each. */
export function bytesOf(key: string, { text, tags }: Pick<Entry, 'text' | 'tags'>): number {
  let bytes = 300 + 2 * key.length + 3 * text.length
  for (const tag of tags) bytes += 2 * tag.length
  return bytes
}

/** JSON as a value that nobody can change. */
export function frozenJson(text: string): unknown {
  return frozen(JSON.parse(text))
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const name in value) frozen((value as Record<string, unknown>)[name])
  return Object.freeze(value)
}
