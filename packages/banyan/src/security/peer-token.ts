import { createHmac, timingSafeEqual } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'
import type { Identity } from '../model/access.ts'
import { identity } from './identity.ts'
import { TokenCache } from './token-cache.ts'

/** Which service of the app calls, and who it acts for. */
export interface Peer {
  /** `undefined` where a unit passes on a request from outside. */
  readonly caller: string | undefined
  readonly identity: Identity
}

/** Tokens by which the units of one app know each other's calls. */
export interface PeerTokens {
  /** A token that says so; the same one while it is fresh, so that it costs a look-up. */
  issue(caller: string | undefined, identity: Identity): string
  /** Who a token speaks for. Throws `unauthenticated` for one that is not good. */
  verify(token: string): Peer
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
  readonly exp: number
}

// the one header there is: what another header would ask for is never looked at
const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'banyan-peer+jwt' })).toString('base64url')
const REMEMBER = 10_000
const CLOCK_TOLERANCE_S = 30

/** Issues and verifies peer tokens: JSON Web Tokens (RFC 7519) signed with HMAC SHA-256 by a secret that the units share. */
export function peerTokens({ app, secret, lifetime = 300 }: PeerTokenOptions): PeerTokens {
  if (secret.length < 32)
    throw new BanyanError('invalid_configuration', `the secret that the units of '${app}' share has ${secret.length} characters; it needs 32 or more`)
  const issued = new TokenCache<string>(REMEMBER)
  const verified = new TokenCache<Peer>(REMEMBER)
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest()

  function make(caller: string, { subject, roles, tenant }: Identity, now: number): string {
    const claims: Claims = { aud: app, caller, sub: subject, roles, tenant, exp: Math.floor(now / 1000) + lifetime }
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
    if ((claims.exp + CLOCK_TOLERANCE_S) * 1000 <= now) throw refuse(`expired at ${new Date(claims.exp * 1000).toISOString()}`)
    return claims
  }

  return {
    issue(caller, who) {
      const now = Date.now()
      const key = JSON.stringify([caller ?? '', who.tenant, who.subject, ...who.roles])
      const known = issued.find(key, now)
      if (known !== undefined) return known
      const token = make(caller ?? '', who, now)
      issued.keep(key, token, now + lifetime * 500) // renewed at half its life: it must still be good when it arrives
      return token
    },
    verify(token) {
      const now = Date.now()
      const known = verified.find(token, now)
      if (known) return known
      const { caller, sub, roles, tenant, exp } = check(token, now)
      const peer: Peer = { caller: caller === '' ? undefined : caller, identity: identity({ subject: sub, roles, tenant }) }
      verified.keep(token, peer, (exp + CLOCK_TOLERANCE_S) * 1000)
      return peer
    },
  }
}

function refuse(what: string): BanyanError {
  return new BanyanError('unauthenticated', `the peer token ${what}`)
}
