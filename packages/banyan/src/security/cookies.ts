/** How a cookie is set. Always HttpOnly, and for the whole site. */
export interface CookieSetting {
  readonly secure: boolean
  /** Seconds; 0 removes it, and `undefined` leaves it until the browser closes. */
  readonly maxAge?: number | undefined
}

/**
 * The name under which a cookie is set: with TLS as `__Host-…` (RFC 6265bis §4.1.3.2), which neither a neighbouring host nor plain HTTP can
 * plant. On plain HTTP browsers accept no such cookie.
 */
export function cookieName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

/** `SameSite=Lax`: requests that other sites make carry it only where a person follows a link. */
export function setCookie(name: string, value: string, { secure, maxAge }: CookieSetting): string {
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  return `${cookieName(name, secure)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${age}`
}

/** The value of a cookie in a `Cookie` header; of several of one name the first, as servers have it. `undefined`: there is none. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  if (header === undefined || !header.includes(name)) return undefined
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
