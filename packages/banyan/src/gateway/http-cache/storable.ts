import { ANONYMOUS } from '../../model/access.ts'
import type { EdgeRequest } from '../exchange.ts'
import type { CacheControl } from './cache-control.ts'
import { heuristicStatuses } from './freshness.ts'
import type { Kept } from './stored-answer.ts'

export interface StorePolicy {
  /** What happens with an answer that sets cookies: it is not stored, or it is stored without them. */
  readonly setCookie: 'refuse' | 'strip'
}

/** Statuses whose rules for caches this one knows, as `must-understand` asks (RFC 9111 §5.2.2.3). */
const understood: ReadonlySet<number> = new Set([...heuristicStatuses, 302, 303, 307, 400, 401, 402, 403, 409, 422, 429, 500, 502, 503, 504])

/**
 * Why a shared cache may not keep this answer to this request, in a word or two, or `undefined` where it may (RFC 9111 §3).
 * Somebody whom an earlier policy has recognised, by whatever means, counts as one who sent `Authorization`.
 */
export function whyNotStored(request: EdgeRequest, requestControl: CacheControl, kept: Kept, policy: StorePolicy): string | undefined {
  const { control } = kept.instructions
  const { status } = kept
  if (request.method !== 'GET') return 'method'
  if (requestControl.noStore) return 'request no-store'
  if (status < 200 || status === 206 || status === 304) return 'status'
  if (control.mustUnderstand ? !understood.has(status) : control.noStore) return control.mustUnderstand ? 'must-understand' : 'no-store'
  if (control.private) return 'private'
  if (isPersonal(request, kept)) return 'authorization'
  if (policy.setCookie === 'refuse' && kept.fields['set-cookie'] !== undefined) return 'set-cookie'
  if (kept.vary === '*') return 'vary'
  return whyUseless(request, kept)
}

/** Whether the answer may be about who asked. `must-revalidate` frees it for all only where the origin itself was shown credentials (RFC 9111 §3.5). */
function isPersonal({ headers, identity }: EdgeRequest, { instructions: { control } }: Kept): boolean {
  if (control.public || control.sMaxAge !== undefined) return false
  if (identity.subject !== ANONYMOUS) return true
  return headers.authorization !== undefined && !control.mustRevalidate
}

/** Why nothing could be done with the answer later: it is not fresh for a moment and cannot be validated, or it is a guess about somebody with cookies. */
function whyUseless({ headers }: EdgeRequest, kept: Kept): string | undefined {
  const { control } = kept.instructions
  if (!kept.explicit && !control.public && !heuristicStatuses.has(kept.status)) return 'no lifetime'
  if (!kept.explicit && !control.public && headers.cookie !== undefined) return 'cookie'
  if (kept.lifetimeMs > 0 && !control.noCache) return undefined
  return hasValidator(kept) || control.staleIfError !== undefined || control.staleWhileRevalidate !== undefined ? undefined : 'no lifetime'
}

function hasValidator({ fields }: Kept): boolean {
  return fields['etag'] !== undefined || fields['last-modified'] !== undefined
}
