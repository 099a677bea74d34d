const tag = /(?:W\/)?"[^"]*"/g

/** Whether `If-None-Match` names this entity tag, weakly compared (RFC 9110 §8.8.3.2, §13.1.2). Text without quotes is taken as one tag. */
export function anyMatches(ifNoneMatch: string, etag: string | undefined): boolean {
  const trimmed = ifNoneMatch.trim()
  if (trimmed === '*') return true
  if (etag === undefined) return false
  const named = trimmed.match(tag) ?? [trimmed]
  return named.some((one) => opaque(one) === opaque(etag))
}

export function isStrong(etag: string): boolean {
  return etag.startsWith('"')
}

function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
