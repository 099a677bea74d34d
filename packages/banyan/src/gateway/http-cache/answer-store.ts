import { hash } from 'node:crypto'
import type { Awaitable } from '../../model/schema.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** What is to be forgotten. */
export interface Purge {
  /** Answers that bear one of these tags. */
  readonly tags?: readonly string[] | undefined
  /** Answers of these resources: `example.com/articles?page=2`. */
  readonly urls?: readonly string[] | undefined
  /** The same by their digests, as instances tell each other: addresses may be long, and hold what is not for a third party. */
  readonly digests?: readonly string[] | undefined
  readonly all?: boolean | undefined
}

/** By what instances name a resource to each other. */
export function digestOf(url: string): string {
  return hash('sha256', url, 'base64url')
}

/**
 * Where whole answers are kept. Decides nothing about HTTP: what it is given may be stored, and what it gives is judged by whoever asked.
 * It may forget anything at any time, and must not find what was deleted or purged before it was asked. A store that cannot be reached
 * answers as an empty one.
 */
export interface AnswerStore {
  /** The answers of a resource, of all routes and variants. */
  find(url: string): Awaitable<readonly StoredAnswer[]>
  /** Hears that an answer that it gave was served. */
  used(answer: StoredAnswer): void
  /** Keeps an answer in place of the one with the same id. False: it is too large. */
  put(answer: StoredAnswer): Awaitable<boolean>
  /** Forgets exactly this answer; another one in its place stays. */
  delete(answer: StoredAnswer): Awaitable<void>
  /** Returns how many were forgotten. */
  purge(purge: Purge): Awaitable<number>
  /** The largest body that has a chance, in bytes. */
  readonly largest: number
  readonly status: StoreStatus
}

export interface StoreStatus {
  readonly answers: number
  readonly bytes: number
  readonly capacityBytes: number
  /** Answers that had to go for others. */
  readonly evicted: number
}
