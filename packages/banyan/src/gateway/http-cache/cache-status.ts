/** Why a request went on to the origin (RFC 9211 §2.2). */
export type Forwarded = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale'

/** What became of a request, for `Cache-Status`. */
export interface Handling {
  readonly hit?: boolean
  readonly fwd?: Forwarded | undefined
  /** The status that the origin gave, where the client got another. */
  readonly fwdStatus?: number | undefined
  readonly stored?: boolean
  readonly collapsed?: boolean
  /** What is left of its freshness; negative: stale for so long. */
  readonly ttlMs?: number | undefined
  /** Why it was not stored, or what else is worth a word. Visible ASCII without quotes. */
  readonly detail?: string | undefined
}

/** One member of `Cache-Status` (RFC 9211 §2). */
export function cacheStatus(name: string, { hit, fwd, fwdStatus, stored, collapsed, ttlMs, detail }: Handling): string {
  let text = name
  if (hit === true) text += '; hit'
  if (fwd !== undefined) text += `; fwd=${fwd}`
  if (fwdStatus !== undefined) text += `; fwd-status=${fwdStatus}`
  if (ttlMs !== undefined) text += `; ttl=${Math.floor(ttlMs / 1_000)}`
  if (stored === true) text += '; stored'
  if (collapsed === true) text += '; collapsed'
  if (detail !== undefined) text += `; detail="${detail}"`
  return text
}
