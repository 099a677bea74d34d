import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'

/** How long a set is used without asking again. */
const FRESH_MS = 600_000

export interface AskedKeySetOptions {
  /** Who is asked, for messages: `users.keys`. */
  readonly from: string
  readonly ask: () => Promise<JSONWebKeySet>
  /** The least time between two askings while a set is known, so that tokens with made-up key ids do not become questions. */
  readonly coolDownMs: number
  /** How long an asking that failed is the answer while no set is known. */
  readonly restMs: number
  /** Whether an empty set is asked for again every time: its issuer has signed nothing yet, and may at any moment. */
  readonly emptyIsNews: boolean
  readonly clock?: Pick<Clock, 'monotonic'> | undefined
}

interface Known {
  readonly find: JWTVerifyGetKey
  readonly empty: boolean
  readonly since: number
}

/**
 * Keys to verify tokens with (RFC 7517), asked for when first needed, again every 10 minutes and, at most every `coolDownMs`, when a token
 * names an unknown key; whoever needs them meanwhile waits for the same answer. While there is none, the set known last stays in use and
 * unknown keys stay unknown; where no set is known, `unavailable`.
 */
export function askedKeySet({ from, ask, coolDownMs, restMs, emptyIsNews, clock = systemClock }: AskedKeySetOptions): JWTVerifyGetKey {
  let known: Known | undefined
  let askedAt = -Infinity
  let asking: Promise<Known> | undefined
  let failure: { readonly error: BanyanError; readonly at: number } | undefined

  const cool = () => known !== undefined && !(known.empty && emptyIsNews) && clock.monotonic() < askedAt + coolDownMs
  const stale = () => known !== undefined && clock.monotonic() >= known.since + FRESH_MS

  async function asked(): Promise<Known> {
    askedAt = clock.monotonic()
    try {
      const set = await ask()
      known = { find: createLocalJWKSet(set), empty: set.keys.length === 0, since: clock.monotonic() }
      failure = undefined
      return known
    } catch (error) {
      const message = `the issuer's keys cannot be had from ${from}: ${messageOf(error)}`
      failure = { error: new BanyanError('unavailable', message, { cause: error }), at: clock.monotonic() }
      throw failure.error
    }
  }

  /** What is known after asking. */
  async function renewed(): Promise<Known> {
    if (!known && failure && clock.monotonic() < failure.at + restMs) throw failure.error
    asking ??= asked().finally(() => (asking = undefined))
    try {
      return await asking
    } catch (error) {
      if (known) return known
      throw error
    }
  }

  async function current(): Promise<Known> {
    if (known === undefined) return renewed()
    if (!stale() || cool()) return known
    const next = renewed()
    // who is away may take its time to be away: nobody waits for that a second time
    return failure ? known : next
  }

  return async (header, token) => {
    const began = clock.monotonic()
    const { find } = await current()
    try {
      return await find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      // an answer that was asked for before this token came may lack its key; one that is under way is waited for by all
      if (!asking && (askedAt >= began || cool())) throw error
      return (await renewed()).find(header, token)
    }
  }
}
