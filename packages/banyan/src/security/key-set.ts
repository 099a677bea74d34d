import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import { askedKeySet } from './asked-key-set.ts'

/** Keys of an issuer: the set itself, or the address where it is published. */
export type KeySetSource = JSONWebKeySet | URL | string

const COOL_DOWN_MS = 30_000
const REST_MS = 1_000
const TIMEOUT_MS = 5_000

/**
 * Keys to verify tokens with (RFC 7517). A published set is fetched when first needed, again every 10 minutes and, at most every 30 s, when
 * a token names an unknown key. While its address does not answer, the set known last stays in use, and an unknown key is refused as such;
 * without one, `unavailable`, and the address is asked once a second at most. An answer takes 5 s at most, and is no redirection.
 */
export function keySet(source: KeySetSource, clock?: Pick<Clock, 'monotonic'>): JWTVerifyGetKey {
  if (typeof source === 'object' && 'keys' in source) return createLocalJWKSet(source)
  const url = address(source)
  const ask = () => fetched(url)
  return askedKeySet({ from: `${url.origin}${url.pathname}`, ask, coolDownMs: COOL_DOWN_MS, restMs: REST_MS, emptyIsNews: false, clock })
}

async function fetched(url: URL): Promise<JSONWebKeySet> {
  const headers = { accept: 'application/jwk-set+json, application/json' }
  const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (response.status === 200) return (await response.json()) as JSONWebKeySet
  await response.body?.cancel()
  throw new Error(`it answered ${response.status}`)
}

function address(source: URL | string): URL {
  const url = URL.parse(String(source))
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new BanyanError('invalid_configuration', `jwks: '${String(source)}' is not the http(s) address of a JSON Web Key Set`)
}
