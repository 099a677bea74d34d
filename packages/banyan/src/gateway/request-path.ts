import { BanyanError } from '../kernel/errors.ts'

const plain = /^[\w~!$&'()*+,;=:@/-]*$/
const ambiguous = /(?:^|[/\\])\.{1,2}(?:$|[/\\;])/
const control = /[\u0000-\u001f\u007f]/

/**
 * The segments of a request's path, decoded, without empty ones: `//a/b/` is `/a/b` to many servers, and a route that one of them takes it
 * for must not be passed by. Throws `malformed_request` for what servers read differently: `.` and `..` however they are written, control
 * characters, broken escapes (RFC 3986 §6.2.2, OWASP path traversal).
 */
export function segmentsOf(path: string): readonly string[] {
  // nearly every path is: one pass, nothing to decode
  if (plain.test(path)) return split(path)
  const segments = split(path).map(decoded)
  const doubtful = segments.find((segment) => ambiguous.test(segment) || control.test(segment))
  if (doubtful === undefined) return segments
  throw new BanyanError(
    'malformed_request',
    `the path has the segment ${JSON.stringify(doubtful)}, which servers read differently; send the path that is meant`,
  )
}

function split(path: string): string[] {
  const segments: string[] = []
  for (let from = 1; from < path.length;) {
    const slash = path.indexOf('/', from)
    const to = slash < 0 ? path.length : slash
    if (to > from) segments.push(path.slice(from, to))
    from = to + 1
  }
  return segments
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new BanyanError('malformed_request', `the path segment ${JSON.stringify(segment)} is not percent-encoded UTF-8`)
  }
}
