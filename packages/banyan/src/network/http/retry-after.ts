/** Milliseconds that a `Retry-After` header asks to wait: seconds or a date (RFC 9110 §10.2.3); `undefined` where it says nothing that can be read. */
export function retryAfterMs(header: string | readonly string[] | undefined, now: number = Date.now()): number | undefined {
  if (typeof header !== 'string') return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, until - now)
}
