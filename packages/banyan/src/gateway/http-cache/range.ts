import { isStrong } from './entity-tag.ts'
import { field, type Fields } from './fields.ts'
import type { Kept } from './stored-answer.ts'

/** A part of a body: its first byte and the one behind its last. */
export interface Part {
  readonly from: number
  readonly to: number
}

/** One range of bytes, as nearly every client asks for; several are answered with the whole, which is allowed (RFC 9110 §14.2). */
const single = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/i

/** The part of a stored body that a request asks for; `undefined`: the whole; `'unsatisfiable'`: beyond its end (RFC 9110 §14.1.2). */
export function requestedPart(request: Fields, kept: Kept, length: number): Part | 'unsatisfiable' | undefined {
  const match = single.exec(field(request, 'range')?.replaceAll(/\s/g, '') ?? '')
  if (!match || kept.status !== 200 || !mayBePart(request, kept)) return undefined
  const [, first, last, suffix] = match
  if (suffix !== undefined) {
    const count = Number(suffix)
    return count === 0 || length === 0 ? 'unsatisfiable' : { from: Math.max(0, length - count), to: length }
  }
  const from = Number(first)
  if (last !== '' && Number(last) < from) return undefined // no valid range, so none was asked for
  if (from >= length) return 'unsatisfiable'
  return { from, to: last === '' ? length : Math.min(length, Number(last) + 1) }
}

/** `If-Range`: only a strong validator that is exactly the stored one (RFC 9110 §13.1.5). */
function mayBePart(request: Fields, { fields }: Kept): boolean {
  const condition = field(request, 'if-range')
  if (condition === undefined) return true
  if (condition.startsWith('W/')) return false
  return isStrong(condition) ? condition === field(fields, 'etag') : condition === field(fields, 'last-modified')
}
