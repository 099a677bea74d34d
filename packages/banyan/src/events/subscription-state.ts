import type { Sql } from '../store/sql.ts'
import type { SubscriptionKey } from './checkpoint.ts'
import type { Failure } from './parked.ts'
import type { NotedTrouble } from './trouble.ts'

/** Events behind are counted up to here, so that looking stays cheap however far behind a subscription is. */
export const MOST_COUNTED = 10_000

export interface Backlog {
  /** Events to be dealt with; `MOST_COUNTED + 1` stands for "more than that". */
  readonly events: number
  /** Age of the oldest of them, in milliseconds by the database's clock; 0 when there is none. */
  readonly oldestMs: number
}

/** How a subscription stands, as its own database tells whichever processes run it. */
export interface SubscriptionState extends SubscriptionKey {
  /** Partition → everything up to here is dealt with. Empty where no process has run it yet. */
  readonly positions: ReadonlyMap<number, number>
  /** The log that the positions belong to; `undefined` before the first event. */
  readonly incarnation: string | undefined
  /** How many partitions each live process owns. */
  readonly owners: readonly { readonly owner: string; readonly partitions: number }[]
  /** Partitions that nobody alive owns. */
  readonly ownerless: number
  readonly failing: readonly (NotedTrouble & { readonly partition: number })[]
  readonly parked: { readonly keys: number; readonly events: number; readonly first: { readonly stream: string; readonly error: Failure } | undefined }
}

interface Row {
  readonly partition: number
  readonly position: string
  readonly incarnation: string | null
  readonly owner: string | null
  readonly trouble: NotedTrouble | null
}

/** Reads how a subscription stands; with the consumer's own role. */
export async function readSubscription(sql: Sql, key: SubscriptionKey): Promise<SubscriptionState> {
  const { subscription, source } = key
  const { rows } = await sql.query<Row>(
    `select partition, position, incarnation, m.owner, case when (trouble ->> 'position')::bigint > position then trouble end as trouble
     from banyan_subscriptions s left join banyan_members m
       on (m.subscription, m.source, m.owner) = (s.subscription, s.source, s.owner) and m.live_until > clock_timestamp()
     where s.subscription = $1 and s.source = $2 order by partition`,
    [subscription, source],
  )
  const owned = Map.groupBy(rows, ({ owner }) => owner)
  return {
    subscription,
    source,
    positions: new Map(rows.map(({ partition, position }) => [partition, Number(position)])),
    incarnation: rows.find(({ incarnation }) => incarnation !== null)?.incarnation ?? undefined,
    owners: [...owned].flatMap(([owner, of]) => (owner === null ? [] : [{ owner, partitions: of.length }])),
    ownerless: owned.get(null)?.length ?? 0,
    failing: rows.flatMap(({ partition, trouble }) => (trouble ? [{ ...trouble, partition }] : [])),
    parked: await readParked(sql, key),
  }
}

async function readParked(sql: Sql, { subscription, source }: SubscriptionKey): Promise<SubscriptionState['parked']> {
  const { rows } = await sql.query<{ keys: number; events: number; first: { stream: string; error: Failure } | null }>(
    `select count(distinct stream)::int as keys, count(*)::int as events, (
       select json_build_object('stream', stream, 'error', error) from banyan_parked
       where subscription = $1 and source = $2 order by at, position limit 1
     ) as first
     from banyan_parked where subscription = $1 and source = $2`,
    [subscription, source],
  )
  const { keys, events, first } = rows[0]!
  return { keys, events, first: first ?? undefined }
}

/** What a log has after the positions of a consumer; with the role of the service whose log it is. `types`: as they are recorded. */
export async function readBacklog(sql: Sql, positions: ReadonlyMap<number, number>, types: readonly string[]): Promise<Backlog> {
  const { rows } = await sql.query<{ events: number; oldest: number | null }>(
    `with wanted as materialized (
       select * from unnest($1::int[], $2::bigint[]) as w(partition, position)
     )
     select (
       select count(*)::int from (
         select from wanted w cross join lateral (
           select from banyan_events e where e.partition = w.partition and e.position > w.position and e.type = any($3) limit $4
         ) found limit $4
       ) counted
     ) as events, (
       select extract(epoch from clock_timestamp() - min(at))::float8 * 1000 from wanted w cross join lateral (
         select at from banyan_events e where e.partition = w.partition and e.position > w.position and e.type = any($3) order by position limit 1
       ) oldest
     ) as oldest`,
    [[...positions.keys()], [...positions.values()], types, MOST_COUNTED + 1],
  )
  const { events, oldest } = rows[0]!
  return { events, oldestMs: Math.max(0, Math.round(oldest ?? 0)) }
}
