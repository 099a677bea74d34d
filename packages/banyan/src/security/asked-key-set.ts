import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'

/** How long a set is used without asking again. */
const FRESH_MS = 600_000
/** The least time between two askings while some key is known, so that tokens with made-up key ids do not become questions. */
const COOL_DOWN_MS = 5_000

export interface AskedKeySetOptions {
  /** Who is asked, for messages: `users.keys`. */
  readonly from: string
  readonly ask: () => Promise<JSONWebKeySet>
  readonly clock?: Pick<Clock, 'monotonic'>
}

interface Known {
  readonly find: JWTVerifyGetKey
  readonly empty: boolean
  readonly since: number
}

/**
 * Keys to verify tokens with (RFC 7517), asked for when first needed, again every 10 minutes and, at most every 5 s, when a token names an
 * unknown key. An empty set is asked for again every time: its issuer has signed nothing yet, and may at any moment. While there is no
 * answer, the set known last stays in use; without one, `unavailable`.
 */
export function askedKeySet({ from, ask, clock = systemClock }: AskedKeySetOptions): JWTVerifyGetKey {
  let known: Known | undefined
  let askedAt = -Infinity
  let asking: Promise<Known> | undefined

  const cool = () => known !== undefined && !known.empty && clock.monotonic() < askedAt + COOL_DOWN_MS
  const stale = () => known !== undefined && clock.monotonic() >= known.since + FRESH_MS

  async function asked(): Promise<Known> {
    askedAt = clock.monotonic()
    const set = await ask()
    known = { find: createLocalJWKSet(set), empty: set.keys.length === 0, since: clock.monotonic() }
    return known
  }

  /** What is known after asking; whoever needs it meanwhile waits for the same answer. */
  async function renewed(): Promise<Known> {
    asking ??= asked().finally(() => (asking = undefined))
    try {
      return await asking
    } catch (error) {
      if (known) return known
      throw new BanyanError('unavailable', `the issuer's keys cannot be had from ${from}: ${messageOf(error)}`, { cause: error })
    }
  }

  return async (header, token) => {
    const began = clock.monotonic()
    const { find } = known === undefined || (stale() && !cool()) ? await renewed() : known
    try {
      return await find(header, token)
    } catch (error) {
      // an answer that was asked for before this token came may lack its key
      if (!(error instanceof errors.JWKSNoMatchingKey) || askedAt >= began || cool()) throw error
      return (await renewed()).find(header, token)
    }
  }
}
