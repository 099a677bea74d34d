import { randomBytes } from 'node:crypto'
import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Identity } from '../model/access.ts'
import type { Person } from '../model/auth.ts'
import { hashOfSecret } from './api-key.ts'
import { identity } from './identity.ts'
import type { About, Owner, SessionStore, SessionTimes, StoredSession } from './session-store.ts'
import { TokenCache } from './token-cache.ts'

/** A session and who it is for. */
export interface KnownSession extends StoredSession {
  readonly identity: Identity
}

export interface SessionsOptions {
  readonly store: SessionStore
  readonly times: SessionTimes
  readonly clock?: Pick<Clock, 'monotonic'>
}

/** How long a session is good here after it was ended elsewhere. */
const REMEMBER_MS = 2_000
const REMEMBERED = 10_000

/**
 * The sessions of people in browsers: named by 256 random bits that only their cookie holds, and that are new with every log-in (no fixation).
 * One that was found is not looked up again for two seconds; ended here it is refused at once, ended in another process within these.
 */
export class Sessions implements AsyncDisposable {
  readonly #store: SessionStore
  readonly #times: SessionTimes
  readonly #clock: Pick<Clock, 'monotonic'>
  #known = new TokenCache<KnownSession>(REMEMBERED)

  constructor({ store, times, clock = systemClock }: SessionsOptions) {
    this.#store = store
    this.#times = times
    this.#clock = clock
  }

  /** Begins a session, and answers what the cookie is to hold; the one that the browser had before ends. */
  async begin(person: Required<Person>, about: About, before: string | undefined): Promise<string> {
    const secret = randomBytes(32).toString('base64url')
    await this.#store.begin(hashOfSecret(secret), { id: randomBytes(9).toString('base64url'), person, about }, this.#times)
    if (before !== undefined) await this.end(before)
    return secret
  }

  /** The session that a cookie names; `undefined`: it is over, or never was. */
  find(secret: string): KnownSession | undefined | Promise<KnownSession | undefined> {
    const hash = hashOfSecret(secret)
    return this.#known.find(nameOf(hash), this.#clock.monotonic()) ?? this.#lookUp(hash)
  }

  async #lookUp(hash: Buffer): Promise<KnownSession | undefined> {
    const known = this.#known
    const found = await this.#store.find(hash, this.#times)
    if (!found) return undefined
    const session = { ...found, identity: identity(found.person) }
    // one that was ended while it was looked up is not remembered
    known.keep(nameOf(hash), session, this.#clock.monotonic() + Math.min(REMEMBER_MS, found.expires.getTime() - Date.now()))
    return session
  }

  async end(secret: string): Promise<void> {
    await this.#store.end(hashOfSecret(secret))
    this.#forget()
  }

  /** Ends one of somebody's sessions, by its id; whether there was one. */
  async endOf(owner: Owner, id: string): Promise<boolean> {
    const there = await this.#store.endOf(owner, id)
    this.#forget()
    return there
  }

  async endAllOf(owner: Owner): Promise<void> {
    await this.#store.endAllOf(owner)
    this.#forget()
  }

  list(owner: Owner): Promise<readonly StoredSession[]> {
    return this.#store.list(owner)
  }

  /** Everything: what was being looked up meanwhile must not be remembered either, and looking up again costs little. */
  #forget(): void {
    this.#known = new TokenCache(REMEMBERED)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
  }
}

function nameOf(hash: Buffer): string {
  return hash.toString('latin1')
}
