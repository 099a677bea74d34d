import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import { issuer } from '../values/issuer.ts'
import type { Role } from './contract.ts'

/** How long an access token is good, in seconds. It cannot be taken back, so it is short. */
export const LIFETIME_S = 900

export interface Signer {
  readonly kid: string
  readonly private_jwk: object
}

interface Who {
  readonly user_id: string
  readonly roles: readonly Role[]
  /** How they have shown who they are (RFC 8176). */
  readonly amr: readonly string[]
}

/** A signed access token (RFC 9068) for a person as the person is now. */
export async function accessToken(who: Who, by: Signer, now: Date): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000)
  return new SignJWT({ roles: [...who.roles], amr: [...who.amr] })
    .setProtectedHeader({ alg: 'ES256', kid: by.kid, typ: 'at+jwt' })
    .setIssuer(issuer.issuer)
    .setAudience(issuer.audience)
    .setSubject(who.user_id)
    .setJti(randomUUID())
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + LIFETIME_S)
    .sign(await importJWK(by.private_jwk, 'ES256'))
}
