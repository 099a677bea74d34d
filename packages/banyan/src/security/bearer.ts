import { BanyanError } from '../kernel/errors.ts'

/** The token of an `Authorization` field (RFC 6750 §2.1). Throws `unauthenticated` for a field of another form. */
export function bearerToken(authorization: string): string {
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1]
  if (token === undefined) throw new BanyanError('unauthenticated', 'the Authorization header is not `Bearer <token>`')
  return token
}
