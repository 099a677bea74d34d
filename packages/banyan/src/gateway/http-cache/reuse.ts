import type { CacheControl } from './cache-control.ts'
import type { Kept } from './stored-answer.ts'

/** What may be done with a stored answer for a request. */
export type Verdict =
  /** Serve it. */
  | { readonly kind: 'serve' }
  /** Serve it, and ask the origin behind the client's back (RFC 5861 §3). */
  | { readonly kind: 'serve and renew' }
  /** Ask the origin first; where it fails, the stored answer may be served if `insteadOfError` (RFC 5861 §4). */
  | { readonly kind: 'validate'; readonly because: 'stale' | 'request'; readonly insteadOfError: boolean }

/** Grants for origins that say nothing themselves, in milliseconds. */
export interface StaleGrants {
  readonly whileRevalidateMs: number
  readonly ifErrorMs: number
}

/**
 * Whether a stored answer may be served at `now` (RFC 9111 §4). `must-revalidate` and `proxy-revalidate` forbid stale answers; `s-maxage`
 * forbids them too, but where the same answer grants them in so many words (`stale-while-revalidate`, `stale-if-error`) the grant counts.
 */
export function judge({ instructions, bornAt, lifetimeMs }: Kept, request: CacheControl, now: number, grants: StaleGrants): Verdict {
  const { control, targeted } = instructions
  const age = now - bornAt
  const left = lifetimeMs - age
  const forbidden = control.mustRevalidate || control.proxyRevalidate || control.noCache
  const implied = forbidden || (control.sMaxAge !== undefined && !targeted)

  const ifErrorMs = forbidden ? 0 : Math.max(ms(control.staleIfError), implied ? 0 : Math.max(ms(request.staleIfError), grants.ifErrorMs))
  const insteadOfError = ifErrorMs > 0 && left > -ifErrorMs
  const validate = (because: 'stale' | 'request'): Verdict => ({ kind: 'validate', because, insteadOfError: insteadOfError && because === 'stale' })

  if (control.noCache) return validate('stale')
  if (request.noCache) return validate('request')
  // a reload does not ask for what never changes, except in so many words (RFC 8246 §2)
  const steadfast = control.immutable && left > 0
  if (!steadfast && request.maxAge !== undefined && age > request.maxAge * 1_000) return validate('request')
  if (request.minFresh !== undefined && left < request.minFresh * 1_000) return validate(left > 0 ? 'request' : 'stale')
  if (left > 0) return { kind: 'serve' }
  if (!implied && request.maxStale !== undefined && -left <= request.maxStale * 1_000) return { kind: 'serve' }
  const renewMs = forbidden ? 0 : Math.max(ms(control.staleWhileRevalidate), implied ? 0 : grants.whileRevalidateMs)
  if (renewMs > 0 && left > -renewMs) return { kind: 'serve and renew' }
  return validate('stale')
}

function ms(seconds: number | undefined): number {
  return (seconds ?? 0) * 1_000
}
