import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { ANONYMOUS } from '../model/access.ts'
import type { LimitKey, LimitRequest } from '../model/limit.ts'

/** Longer ones are hashed, so that what a client writes cannot fill the memory. */
const LONGEST = 64

/** Under what a request is counted. */
export function limitKey(per: LimitKey<never>, request: LimitRequest): string {
  const key = typeof per === 'function' ? `by:${per(request as LimitRequest<never>)}` : namedKey(per, request)
  return key.length <= LONGEST ? key : createHash('sha256').update(key).digest('base64url')
}

function namedKey(per: Exclude<LimitKey<never>, Function>, { identity, address }: LimitRequest): string {
  if (per === 'operation') return 'all'
  if (per === 'tenant') return `tenant:${identity.tenant}`
  return per === 'ip' || identity.subject === ANONYMOUS ? `ip:${networkOf(address)}` : `user:${identity.subject}`
}

/** An IPv4 address, or the first 64 bits of an IPv6 address, which is what one customer is given (RFC 6177). */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const words = [...first, ...Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0'), ...last]
  return `${words
    .slice(0, 4)
    .map((word) => Number.parseInt(word, 16).toString(16))
    .join(':')}::/64`
}
