import { field, members, type Fields } from './fields.ts'
import { httpDate } from './http-date.ts'
import type { Instructions } from './targeted.ts'

/** How long answers are taken as fresh that do not say it (RFC 9111 §4.2.2). */
export interface Heuristic {
  /** Share of the time since `Last-Modified`; 0: never. */
  readonly fraction: number
  readonly capMs: number
}

/** Statuses that may be kept although the answer does not say so (RFC 9110 §15.1), of those whose answers are whole. */
export const heuristicStatuses: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

/**
 * The age that an answer has when it arrives, in milliseconds (RFC 9111 §4.2.3). `Age` counts with its first member, and not at all
 * where that is no number (§5.1). `Date` has no fractions of seconds, so the apparent age has none either.
 */
export function initialAge(answer: Fields, requestedAt: number, arrivedAt: number): number {
  const date = httpDate(field(answer, 'date'), arrivedAt) ?? arrivedAt
  const apparent = Math.max(0, Math.floor((arrivedAt - date) / 1_000) * 1_000)
  const first = members(field(answer, 'age'))[0] ?? ''
  const told = /^\d+$/.test(first) ? Number(first) * 1_000 : 0
  return Math.max(apparent, told + Math.max(0, arrivedAt - requestedAt))
}

/** For how long after its birth an answer is fresh in a shared cache, in milliseconds, and whether the answer itself says so (RFC 9111 §4.2.1). */
export function lifetime(
  { status, fields, arrivedAt }: { readonly status: number; readonly fields: Fields; readonly arrivedAt: number },
  { control, targeted }: Instructions,
  heuristic: Heuristic,
): { readonly ms: number; readonly explicit: boolean } {
  const said = control.sMaxAge ?? control.maxAge
  if (said !== undefined) return { ms: said * 1_000, explicit: true }
  const date = httpDate(field(fields, 'date'), arrivedAt) ?? arrivedAt
  const expires = targeted ? undefined : field(fields, 'expires')
  if (expires !== undefined) return { ms: Math.max(0, (httpDate(expires, arrivedAt) ?? 0) - date), explicit: true } // also `Expires: 0` (§5.3)
  if (!heuristicStatuses.has(status) && !control.public) return { ms: 0, explicit: false }
  const modified = httpDate(field(fields, 'last-modified'), arrivedAt)
  if (modified === undefined) return { ms: 0, explicit: false }
  return { ms: Math.min(heuristic.capMs, Math.max(0, (date - modified) * heuristic.fraction)), explicit: false }
}
