import { BanyanError } from '../kernel/errors.ts'

const SCHEME = 'Bearer '

/** The token of an `Authorization` field (RFC 6750 §2.1). Throws `unauthenticated` for a field of another form. */
export function bearerToken(authorization: string): string {
  // what most clients write; whoever verifies the token refuses characters that none has
  if (authorization.length > SCHEME.length && authorization.startsWith(SCHEME) && !authorization.includes(' ', SCHEME.length))
    return authorization.slice(SCHEME.length)
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1]
  if (token === undefined) throw new BanyanError('unauthenticated', 'the Authorization header is not `Bearer <token>`')
  return token
}
