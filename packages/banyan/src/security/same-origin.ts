import type { IncomingHttpHeaders } from 'node:http'
import { BanyanError } from '../kernel/errors.ts'

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a request that another site had a browser make (CSRF): what may change something, and is made on the strength of a cookie, says that it
 * comes from the app's own pages, by `Sec-Fetch-Site` (Fetch Metadata) or, from browsers that do not know it, by `Origin` (RFC 6454). `origin`:
 * the app's own. Throws `forbidden`.
 */
export function checkSameOrigin(method: string, headers: IncomingHttpHeaders, origin: string): void {
  if (safe.has(method)) return
  const site = headers['sec-fetch-site']
  // `none`: by the person, from the address bar or a bookmark
  if (site === 'same-origin' || site === 'none') return
  if (site === undefined && headers.origin === origin) return
  const said = site === undefined ? `Origin ${headers.origin ?? 'is missing'}` : `Sec-Fetch-Site is ${site}`
  throw new BanyanError('forbidden', `a ${method} with a session's cookie comes from the pages of ${origin}, and this one does not: ${said}`, {
    details: { reason: 'cross_site' },
  })
}
