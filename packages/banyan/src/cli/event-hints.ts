import { PARTITIONS } from '../events/event.ts'
import type { Sql } from '../store/sql.ts'
import type { EventFilter } from './event-query.ts'
import { nearest } from '../kernel/nearest.ts'

/** What a log has, as far as its newest events tell. */
export interface Found {
  readonly types: readonly string[]
  /** What streams begin with, before the `/`. */
  readonly categories: readonly string[]
  readonly newest: Date
}

/** Events of each partition that are looked at: enough to know every kind there is, and no more work for a log that is long. */
const LOOK = 1_000

const names = /* sql */ `
  select event.type, split_part(event.stream, '/', 1) as category, max(event.at) as newest
  from generate_series(0, ${PARTITIONS - 1}) as wanted (partition)
  cross join lateral (
    select type, stream, at from banyan_events where partition = wanted.partition order by position desc limit ${LOOK}
  ) as event
  group by 1, 2`

/** What there is in a log to filter for; undefined where it has no events. */
export async function namesIn(sql: Sql): Promise<Found | undefined> {
  const { rows } = await sql.query<{ type: string; category: string; newest: Date }>(names)
  return rows.length === 0
    ? undefined
    : {
        types: rows.map(({ type }) => type),
        categories: rows.map(({ category }) => category),
        newest: new Date(Math.max(...rows.map(({ newest }) => newest.getTime()))),
      }
}

/** Why a filter lists nothing, line by line: what was looked for, and what there is instead. */
export function nothingFound(filter: EventFilter, services: readonly string[], logs: readonly (Found | undefined)[]): string {
  const found = logs.filter((log) => log !== undefined)
  const where = services.join(', ')
  if (found.length === 0) return `there are no events of ${where} yet\n`
  const { type, stream, correlation, since } = filter
  const asked = Object.entries({ type, stream, correlation, since: since?.toISOString() }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  )
  const all = (of: (log: Found) => readonly string[]): readonly string[] => [...new Set(found.flatMap(of))].sort()
  const newest = new Date(Math.max(...found.map((log) => log.newest.getTime())))
  return [
    `no event of ${where} matches ${asked.join(' ')}`,
    ...(type === undefined
      ? []
      : unlike(
          'types',
          type,
          all(({ types }) => types),
        )),
    ...(stream === undefined
      ? []
      : unlike(
          'streams',
          stream.split('/', 1)[0]!,
          all(({ categories }) => categories),
          stream.includes('/') ? '/…' : '',
        )),
    ...(since === undefined || newest >= since ? [] : [`the newest is of ${newest.toISOString()}`]),
    '',
  ].join('\n')
}

/** Nothing where the word is among those there are: then it is only the combination that does not occur. */
function unlike(kind: string, word: string, there: readonly string[], after = ''): readonly string[] {
  if (there.includes(word)) return after === '' ? [] : [`--stream ${word} lists every stream that begins with ${word}/`]
  const meant = nearest(word, there) ?? there.find((candidate) => candidate.toLowerCase() === word.toLowerCase())
  return [`${meant === undefined ? '' : `did you mean ${meant}${after}? `}there are ${kind} ${there.join(', ')}`]
}
