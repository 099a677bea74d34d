import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { BanyanError, messageOf } from '../kernel/errors.ts'

/** Keys of an issuer: the set itself, or the address where it is published. */
export type KeySetSource = JSONWebKeySet | URL | string

/**
 * Keys to verify tokens with (RFC 7517). A published set is fetched when first needed, again every 10 minutes and, at most every 30 s, when
 * a token names an unknown key. While its address does not answer, the set known last stays in use; without one, `unavailable`.
 */
export function keySet(source: KeySetSource): JWTVerifyGetKey {
  if (typeof source === 'object' && 'keys' in source) return createLocalJWKSet(source)
  const url = address(source)
  const remote = createRemoteJWKSet(url)
  return async (header, token) => {
    try {
      return await remote(header, token)
    } catch (error) {
      if (isAboutTheToken(error)) throw error
      const last = remote.jwks()
      if (last) return createLocalJWKSet(last)(header, token)
      throw new BanyanError('unavailable', `the issuer's keys cannot be had from ${url.origin}${url.pathname}: ${messageOf(error)}`, { cause: error })
    }
  }
}

function isAboutTheToken(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported, errors.JWSInvalid].some((type) => error instanceof type)
}

function address(source: URL | string): URL {
  const url = URL.parse(String(source))
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new BanyanError('invalid_configuration', `jwks: '${String(source)}' is not the http(s) address of a JSON Web Key Set`)
}
