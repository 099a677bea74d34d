import type { Person } from '../model/auth.ts'

/** What is shown to somebody of who they are: their name, their address, with what they logged in. */
export interface About {
  readonly name?: string
  readonly email?: string
  /** The `User-Agent` of the log-in. */
  readonly agent?: string
}

/** Somebody's session, while it lasts. */
export interface StoredSession {
  /** Names it in lists; no secret. */
  readonly id: string
  readonly person: Required<Person>
  readonly about: About
  readonly began: Date
  /** When it ends unless it is used before. */
  readonly expires: Date
  /** When it ends in any case. */
  readonly ends: Date
}

/** How long sessions last, in milliseconds. */
export interface SessionTimes {
  readonly idleMs: number
  readonly lastingMs: number
}

/** Whose sessions. */
export type Owner = Pick<Required<Person>, 'subject' | 'tenant'>

/**
 * Where sessions are kept, by the hash of what their cookie holds: who reads the store has nobody's session. Times are those of the store's
 * clock, so that all units agree. Where the store does not answer, each throws an error that is `retryable`.
 */
export interface SessionStore extends AsyncDisposable {
  begin(hash: Buffer, session: Pick<StoredSession, 'id' | 'person' | 'about'>, times: SessionTimes): Promise<void>
  /** The session, unless it is over. It lasts longer by being found; that is written when a twentieth of the idle time has passed, not each time. */
  find(hash: Buffer, times: SessionTimes): Promise<StoredSession | undefined>
  end(hash: Buffer): Promise<void>
  /** Ends one of somebody's sessions; whether there was one. */
  endOf(owner: Owner, id: string): Promise<boolean>
  endAllOf(owner: Owner): Promise<void>
  /** Those that last, the youngest first. */
  list(owner: Owner): Promise<readonly StoredSession[]>
}
