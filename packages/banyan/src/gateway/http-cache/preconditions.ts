import { anyMatches, isStrong } from './entity-tag.ts'
import { field, type Fields } from './fields.ts'
import { httpDate } from './http-date.ts'
import type { Kept } from './stored-answer.ts'

/** Whether the client has this answer already, so that 304 is all it needs (RFC 9111 §4.3.2). `If-None-Match` outweighs `If-Modified-Since`. */
export function isUnmodified(request: Fields, { status, fields }: Kept): boolean {
  if (status !== 200) return false
  const ifNoneMatch = field(request, 'if-none-match')
  if (ifNoneMatch !== undefined) return anyMatches(ifNoneMatch, field(fields, 'etag'))
  const since = httpDate(field(request, 'if-modified-since'))
  if (since === undefined) return false
  const modified = httpDate(field(fields, 'last-modified')) ?? httpDate(field(fields, 'date'))
  return modified !== undefined && modified <= since
}

/** Fields by which a client asks for an answer under a condition that a cache can judge. */
const conditions = ['if-none-match', 'if-modified-since'] as const

/** A request's fields without its client's conditions, so that the origin gives a whole answer, which can be kept. */
export function unconditional(request: Fields): Fields {
  if (!conditions.some((name) => request[name] !== undefined)) return request
  return { ...request, 'if-none-match': undefined, 'if-modified-since': undefined }
}

/** A request's fields with the validators of a stored answer (RFC 9111 §4.3.1); the same fields as `unconditional` where it has none. */
export function validating(request: Fields, { fields }: Kept): Fields {
  const plain = unconditional(request)
  const etag = field(fields, 'etag')
  const modified = field(fields, 'last-modified')
  if (etag === undefined && modified === undefined) return plain
  return { ...plain, ...(etag !== undefined && { 'if-none-match': etag }), ...(modified !== undefined && { 'if-modified-since': modified }) }
}

/** Whether a 304 is about the stored representation: it names no other entity tag (RFC 9111 §4.3.4). */
export function isAbout(stored: Kept, answer: Fields): boolean {
  const [mine, theirs] = [field(stored.fields, 'etag'), field(answer, 'etag')]
  if (mine === undefined || theirs === undefined || mine === theirs) return true
  return !(isStrong(mine) && isStrong(theirs)) && anyMatches(theirs, mine)
}

/** Whether a 200 to HEAD is about it: nothing that tells representations apart differs (RFC 9111 §4.3.5). */
export function isSame(stored: Kept, answer: Fields): boolean {
  const equal = (name: string): boolean => answer[name] === undefined || field(answer, name) === field(stored.fields, name)
  return isAbout(stored, answer) && equal('last-modified') && equal('content-length')
}
