import { createHmac, timingSafeEqual } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import type { Identity } from '../model/access.ts'
import { identity, moreOf } from './identity.ts'
import { TokenCache } from './token-cache.ts'

/** Which service of the app calls, and who it acts for. */
export interface Peer {
  /** `undefined` where a unit passes on a request from outside. */
  readonly caller: string | undefined
  readonly identity: Identity
}

/** Tokens by which the units of one app know each other's calls. */
export interface PeerTokens {
  /**
   * A token that says so; the same one while it is fresh, so that it costs a look-up. `aheadMs`: how far the clock of those it is for is ahead
   * of the one here; 0 unless said.
   */
  issue(caller: string | undefined, identity: Identity, aheadMs?: number): string
  /** Who a token speaks for. Throws `unauthenticated` for one that is not good; where only its time is not, that tells the time here. */
  verify(token: string): Peer
  /** How far the clock of those who refused a token is ahead of the one here; `undefined` where its time was not the reason, or another says it was. */
  aheadMs(error: unknown, token: string): number | undefined
}

export interface PeerTokenOptions {
  /** The app's name: a token of one app is worth nothing in another. */
  readonly app: string
  /** Shared by the units of the app; at least 32 characters. */
  readonly secret: string
  /** Seconds a token is good for; 300 unless said. */
  readonly lifetime?: number
}

interface Claims {
  readonly aud: string
  /** Empty: nobody of the app. */
  readonly caller: string
  readonly sub: string
  readonly roles: readonly string[]
  readonly tenant: string
  /** Left out where there are none: what older units leave out reads the same. */
  readonly scopes?: readonly string[]
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly exp: number
}

/** A token made before, and until when by the monotonic clock it is used. */
interface Issued {
  readonly caller: string
  readonly aheadMs: number
  readonly token: string
  readonly until: number
}

/** The time of those who refuse a token, and that it is theirs: only for this token, so that it cannot be told again later. */
interface ToldClock {
  readonly now: number
  readonly proof: string
}

// the one header there is: what another header would ask for is never looked at
const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'banyan-peer+jwt' })).toString('base64url')
const REMEMBER = 10_000
/** What is told of one's clock is rounded to it, or every refusal would need tokens of its own. */
const CLOCK_STEP_MS = 1_000
const CLOCK_TOLERANCE_S = 30

/**
 * Issues and verifies peer tokens: JSON Web Tokens (RFC 7519) signed with HMAC SHA-256 by a secret that the units share. They are good for
 * `lifetime` by the clock of the unit that verifies; one whose clock differs learns so from the refusal and issues others.
 */
export function peerTokens({ app, secret, lifetime = 300 }: PeerTokenOptions): PeerTokens {
  if (secret.length < 32)
    throw new BanyanError('invalid_configuration', `the secret that the units of '${app}' share has ${secret.length} characters; it needs 32 or more`)
  const issued = new TokenCache<Issued>(REMEMBER)
  // the identity of a caller is one object as long as its own token is remembered
  const latest = new WeakMap<Identity, Issued>()
  const verified = new TokenCache<Peer>(REMEMBER)
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest()

  const proofOf = (now: number, token: string) => sign(`clock ${now} ${token}`).toString('base64url')

  function make(caller: string, { subject, roles, tenant, ...rest }: Identity, now: number): string {
    const claims: Claims = { aud: app, caller, sub: subject, roles, tenant, ...moreOf(rest), exp: Math.floor(now / 1000) + lifetime }
    const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
    return `${text}.${sign(text).toString('base64url')}`
  }

  function check(token: string, now: number): Claims {
    const [head, body, signature, ...rest] = token.split('.')
    if (head !== header || body === undefined || signature === undefined || rest.length > 0) throw refuse('is none')
    const given = Buffer.from(signature, 'base64url')
    const right = sign(`${head}.${body}`)
    if (given.length !== right.length || !timingSafeEqual(given, right)) throw refuse('was signed with another secret; all units of an app need the same')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims
    if (claims.aud !== app) throw refuse(`is for the app '${claims.aud}', this is '${app}'`)
    // one for later is as bad: it would outlive what a stolen token may be good for
    const early = claims.exp * 1000 > now + (lifetime + CLOCK_TOLERANCE_S) * 1000
    if (early || (claims.exp + CLOCK_TOLERANCE_S) * 1000 <= now) {
      const clock: ToldClock = { now, proof: proofOf(now, token) }
      throw refuse(`${early ? 'is good until' : 'expired at'} ${timeText(claims.exp * 1000)}, and here it is ${timeText(now)}`, { clock })
    }
    return claims
  }

  return {
    issue(caller = '', who, aheadMs = 0) {
      const now = performance.now()
      const last = latest.get(who)
      if (last !== undefined && last.caller === caller && last.aheadMs === aheadMs && last.until > now) return last.token
      // who it is comes last: what ends alike is not remembered side by side
      const key = JSON.stringify([aheadMs, caller, who.roles, moreOf(who), who.tenant, who.subject])
      let found = issued.find(key, now)
      if (found === undefined) {
        // renewed at half its life: it must still be good when it arrives
        found = { caller, aheadMs, token: make(caller, who, Date.now() + aheadMs), until: now + lifetime * 500 }
        issued.keep(key, found, found.until)
      }
      latest.set(who, found)
      return found.token
    },
    verify(token) {
      const known = verified.find(token, performance.now())
      if (known) return known
      const now = Date.now()
      const { caller, sub, roles, tenant, scopes = [], attributes = {}, exp } = check(token, now)
      const peer: Peer = { caller: caller === '' ? undefined : caller, identity: identity({ subject: sub, roles, tenant, scopes, attributes }) }
      // remembered by a clock that nobody sets
      verified.keep(token, peer, performance.now() + (exp + CLOCK_TOLERANCE_S) * 1000 - now)
      return peer
    },
    aheadMs(error, token) {
      if (!BanyanError.is(error, 'unauthenticated')) return undefined
      const { now, proof } = (error.details['clock'] ?? {}) as Partial<ToldClock>
      // what lies in between could otherwise ask for tokens that are good for years
      if (typeof now !== 'number' || typeof proof !== 'string' || !same(proofOf(now, token), proof)) return undefined
      return Math.round((now - Date.now()) / CLOCK_STEP_MS) * CLOCK_STEP_MS
    },
  }
}

function refuse(what: string, details: Record<string, unknown> = {}): BanyanError {
  return new BanyanError('unauthenticated', `the peer token ${what}`, { details })
}

function same(right: string, given: string): boolean {
  return right.length === given.length && timingSafeEqual(Buffer.from(right), Buffer.from(given))
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
