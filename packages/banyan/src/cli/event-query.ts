import { PARTITIONS, type EventMeta, type RecordedEvent } from '../events/event.ts'
import type { Sql } from '../store/sql.ts'

/** An event and the service whose log it is from. */
export interface ListedEvent extends RecordedEvent {
  readonly service: string
}

/** Which events to list; what is undefined does not matter. */
export interface EventFilter {
  readonly type: string | undefined
  /** A stream (`order/0192…`), all of a category (`order`), or one whose middle is left out (`order/…8f3e21aa`). */
  readonly stream: string | undefined
  /** Or its beginning. */
  readonly correlation: string | undefined
  readonly since: Date | undefined
  /** Up to this millisecond. */
  readonly until: Date | undefined
}

type Row = Omit<RecordedEvent, 'position' | 'data' | 'meta'> & { readonly position: string; readonly data: unknown; readonly meta: EventMeta }

// position is drawn under the partition's lock, so the newest of each partition are the last of its index
const newest = /* sql */ `
  select event.*
  from generate_series(0, ${PARTITIONS - 1}) as wanted (partition)
  cross join lateral (
    select id, stream, version, partition, position, type, schema, tenant, data, meta, at from banyan_events
    where partition = wanted.partition
      and ($1::text is null or type = $1)
      and ($2::text is null or stream like $2)
      and ($3::text is null or starts_with(meta ->> 'correlation', $3))
      and ($4::timestamptz is null or at >= $4)
      and ($5::timestamptz is null or at < $5 + interval '1 ms')
    order by position desc
    limit $6
  ) as event
  order by event.at desc, event.position desc
  limit $6`

/** The newest events of a service's log that pass the filter, at most `limit`, oldest first. Read with the service's own role. */
export async function newestEvents(sql: Sql, service: string, filter: EventFilter, limit: number): Promise<readonly ListedEvent[]> {
  const stream = filter.stream === undefined ? null : streamPattern(filter.stream)
  const { rows } = await sql.query<Row>(newest, [filter.type ?? null, stream, filter.correlation ?? null, filter.since ?? null, filter.until ?? null, limit])
  return rows.reverse().map((row) => ({ ...row, service, position: Number(row.position) }))
}

/** Whether an event passes the filter, by the same rules as in the database. */
export function passes(event: RecordedEvent, { type, stream, correlation, since, until }: EventFilter): boolean {
  if (type !== undefined && event.type !== type) return false
  if (stream !== undefined && !isOfStream(event.stream, stream)) return false
  if (correlation !== undefined && !event.meta.correlation.startsWith(correlation)) return false
  if (until !== undefined && event.at > until) return false
  return since === undefined || event.at >= since
}

/** The streams of a service that a stream as people write it stands for, at most two. */
export async function streamsLike(sql: Sql, stream: string): Promise<readonly string[]> {
  const { rows } = await sql.query<{ stream: string }>('select stream from banyan_streams where stream like $1 order by stream limit 2', [
    streamPattern(stream),
  ])
  return rows.map((row) => row.stream)
}

/** What a stream begins and ends with; with nothing between them where the stream is exact. */
function streamParts(stream: string): readonly [string, string?] {
  if (!stream.includes('/')) return [`${stream}/`, '']
  const [head, ...rest] = stream.split('…')
  return rest.length === 0 ? [stream] : [head!, rest.join('…')]
}

function streamPattern(stream: string): string {
  return streamParts(stream)
    .map((part) => part!.replaceAll(/[\\%_]/g, '\\$&'))
    .join('%')
}

function isOfStream(stream: string, wanted: string): boolean {
  const [head, tail] = streamParts(wanted)
  return tail === undefined ? stream === head : stream.startsWith(head) && stream.endsWith(tail) && stream.length >= head.length + tail.length
}
