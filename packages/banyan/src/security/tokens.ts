import type { KeyObject } from 'node:crypto'
import { errors, jwtVerify, type CryptoKey, type JWSHeaderParameters, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { ANONYMOUS, type Identity } from '../model/access.ts'
import { identity } from './identity.ts'
import { keySet, type KeySetSource } from './key-set.ts'
import { TokenCache } from './token-cache.ts'

interface CommonOptions {
  readonly issuer: string
  readonly audience: string
  /** Claims that become attributes of the identity; none unless said. */
  readonly claims?: readonly string[]
  /** How many verified tokens are remembered; 10,000 unless said. */
  readonly remember?: number
  readonly clock?: Pick<Clock, 'monotonic'>
}
export type JwtVerifierOptions = CommonOptions & ({ readonly jwks: KeySetSource | JWTVerifyGetKey } | { readonly key: CryptoKey | KeyObject | Uint8Array })

/** Who a token speaks for. Throws `unauthenticated` for a token that is not good, `unavailable` when the issuer's keys cannot be had. */
export type TokenVerifier = (token: string) => Identity | Promise<Identity>

// fixed lists, never what the token asks for: RFC 8725 §3.1
const asymmetric = ['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519']
const symmetric = ['HS256', 'HS384', 'HS512']
const accessTokenTypes = new Set(['jwt', 'at+jwt', 'application/at+jwt'])
const CLOCK_TOLERANCE_S = 5
const REMEMBER_MS = 300_000

/**
 * Verifies access tokens (RFC 7519, RFC 9068): signature by an allowed algorithm, `iss`, `aud`, `exp`, `nbf` and a `sub`; `roles`,
 * `tenant`, `scope` and the claims asked for are read where present. A good token is remembered
 * until it expires, at most 5 minutes: a key that its issuer has taken away is good for 15 minutes at most, of which the set of keys is used for 10.
 */
export function jwtVerifier(options: JwtVerifierOptions): TokenVerifier {
  const { issuer, audience, claims = [], remember = 10_000, clock = systemClock } = options
  const cache = new TokenCache<Identity>(remember)
  const key: JWTVerifyGetKey = 'jwks' in options ? keysOf(options.jwks, clock) : async () => options.key
  const algorithms = 'key' in options && isSecret(options.key) ? symmetric : asymmetric
  const rules = { issuer, audience, algorithms, requiredClaims: ['exp', 'sub'], clockTolerance: CLOCK_TOLERANCE_S }

  async function verify(token: string): Promise<Identity> {
    const { payload, protectedHeader } = await jwtVerify(token, key, rules).catch((error: unknown) => {
      throw refusal(error)
    })
    const who = read(payload, protectedHeader, claims)
    cache.keep(token, who, clock.monotonic() + Math.min(Number(payload.exp) * 1000 - Date.now(), REMEMBER_MS))
    return who
  }
  return (token) => cache.find(token, clock.monotonic()) ?? verify(token)
}

function keysOf(jwks: KeySetSource | JWTVerifyGetKey, clock: Pick<Clock, 'monotonic'>): JWTVerifyGetKey {
  return typeof jwks === 'function' ? jwks : keySet(jwks, clock)
}

function isSecret(key: CryptoKey | KeyObject | Uint8Array): boolean {
  return key instanceof Uint8Array || key.type === 'secret'
}

function read(payload: JWTPayload, { typ }: JWSHeaderParameters, claims: readonly string[]): Identity {
  const { sub, roles = [], tenant, scope = '' } = payload
  if (typ !== undefined && !accessTokenTypes.has(typ.toLowerCase())) throw refuse(`the token is a '${typ}', not an access token`, 'wrong_type')
  if (!sub || sub === ANONYMOUS) throw refuse(`the token's 'sub' is ${JSON.stringify(sub)}, which names nobody`, 'wrong_claim')
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) throw refuse("the token's 'roles' is not a list of texts", 'wrong_claim')
  if (tenant !== undefined && (typeof tenant !== 'string' || tenant === '')) throw refuse("the token's 'tenant' is not a text", 'wrong_claim')
  if (typeof scope !== 'string') throw refuse("the token's 'scope' is not a text with spaces between its scopes", 'wrong_claim')
  const scopes = scope.split(' ').filter((name) => name !== '')
  const attributes = Object.fromEntries(claims.filter((name) => payload[name] !== undefined).map((name) => [name, payload[name]]))
  return identity({ subject: sub, roles, ...(tenant === undefined ? {} : { tenant }), scopes, attributes })
}

function refuse(message: string, reason: string, cause?: unknown): BanyanError {
  return new BanyanError('unauthenticated', message, { details: { reason }, cause })
}

function refusal(error: unknown): BanyanError {
  if (BanyanError.is(error)) return error
  if (error instanceof errors.JWTExpired)
    return refuse(`the token expired at ${new Date(Number(error.payload.exp) * 1000).toISOString()}; get a new one`, 'expired', error)
  if (error instanceof errors.JWTClaimValidationFailed) return refuse(claimMessage(error), error.claim === 'nbf' ? 'not_yet_valid' : 'wrong_claim', error)
  if (error instanceof errors.JWSSignatureVerificationFailed) return refuse("the token's signature does not match", 'wrong_signature', error)
  if (error instanceof errors.JWKSNoMatchingKey) return refuse('the token is signed with a key that its issuer does not list', 'unknown_key', error)
  if (error instanceof errors.JOSEAlgNotAllowed) return refuse('the token is signed with an algorithm that is not accepted', 'wrong_algorithm', error)
  return refuse(`the token cannot be read: ${messageOf(error)}`, 'malformed', error)
}

function claimMessage({ claim, payload, reason, message }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `the token has no '${claim}'`
  if (claim === 'nbf') return `the token is not valid before ${new Date(Number(payload.nbf) * 1000).toISOString()}`
  return claim in payload ? `the token's '${claim}' is ${JSON.stringify(payload[claim])}, which is not the one expected` : message
}
