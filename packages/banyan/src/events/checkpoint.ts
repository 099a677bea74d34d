import { BanyanError } from '../kernel/errors.ts'
import type { Sql } from '../store/sql.ts'
import type { CheckpointAdvance } from './unit.ts'

/** One subscription's reading of one log. */
export interface SubscriptionKey {
  readonly subscription: string
  /** The service whose log is read. */
  readonly source: string
}

/** Where a partition of a subscription stands in the database. */
export interface Checkpoint {
  readonly partition: number
  readonly position: number
  readonly epoch: number
}

/** `'busy'`: a transaction is moving it just now; what it commits is at least as far. */
export type Moved = 'moved' | 'busy' | 'lease_lost'

/** Moves checkpoints over events that have no effects, in one statement; never backwards, and without waiting for anybody. */
export async function commitAdvance(sql: Sql, advances: readonly CheckpointAdvance[]): Promise<readonly Moved[]> {
  if (advances.length === 0) return []
  const { rows } = await sql.query<{ moved: Moved }>(
    `with advances as (
       select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[]) with ordinality as a(subscription, source, partition, epoch, position, index)
     ), free as (
       select a.* from advances a join banyan_subscriptions s using (subscription, source, partition, epoch) for update of s skip locked
     ), moved as (
       update banyan_subscriptions s set position = greatest(s.position, f.position) from free f
       where (s.subscription, s.source, s.partition) = (f.subscription, f.source, f.partition)
     )
     select case when f.index is not null then 'moved' when s.epoch = a.epoch then 'busy' else 'lease_lost' end as moved
     from advances a left join banyan_subscriptions s using (subscription, source, partition) left join free f using (index) order by a.index`,
    columns(advances),
  )
  return rows.map((row) => row.moved)
}

/**
 * Moves checkpoints inside the handler's transaction, after its effects. Throws `lease_lost` when another process took a partition
 * over, or when the events were dealt with already (an earlier COMMIT whose answer was lost); the transaction must then be rolled back.
 */
export async function advanceWithin(transaction: Sql, advances: readonly CheckpointAdvance[]): Promise<void> {
  const { rows } = await transaction.query<{ partition: number }>(
    `update banyan_subscriptions s set position = a.position
     from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bigint[]) as a(subscription, source, partition, epoch, position)
     where (s.subscription, s.source, s.partition, s.epoch) = (a.subscription, a.source, a.partition, a.epoch) and s.position < a.position
     returning s.partition`,
    columns(advances),
  )
  const moved = new Set(rows.map(({ partition }) => partition))
  const stuck = advances.find(({ partition }) => !moved.has(partition))
  if (stuck) throw leaseLost(stuck)
}

export function leaseLost({ subscription, source, partition, epoch }: Omit<CheckpointAdvance, 'position'>): BanyanError {
  return new BanyanError(
    'lease_lost',
    `Another process took over partition ${partition} of ${subscription} (log of ${source}) after epoch ${epoch}; nothing was committed here`,
  )
}

export async function readCheckpoints(sql: Sql, { subscription, source }: SubscriptionKey, partitions: readonly number[]): Promise<readonly Checkpoint[]> {
  const { rows } = await sql.query<{ partition: number; position: string; epoch: string }>(
    'select partition, position, epoch from banyan_subscriptions where subscription = $1 and source = $2 and partition = any($3)',
    [subscription, source, partitions],
  )
  return rows.map((row) => ({ partition: row.partition, position: Number(row.position), epoch: Number(row.epoch) }))
}

/** Records which log the positions belong to, before the first event is handled; what is recorded already stays. */
export async function adoptIncarnation(sql: Sql, { subscription, source }: SubscriptionKey, incarnation: string): Promise<void> {
  await sql.query('update banyan_subscriptions set incarnation = $3 where subscription = $1 and source = $2 and incarnation is null', [
    subscription,
    source,
    incarnation,
  ])
}

/**
 * Puts a subscription at other positions, for the operator that answers `log_rewound` or rebuilds a projection. Partitions not named
 * start at the beginning. Whoever held the partitions loses them and reads the new positions at its next beat; nothing in flight commits.
 */
export async function resetCheckpoints(sql: Sql, { subscription, source }: SubscriptionKey, positions: ReadonlyMap<number, number>): Promise<void> {
  await sql.query(
    `update banyan_subscriptions s set incarnation = null, owner = null, epoch = s.epoch + 1,
       position = coalesce((select p.position from unnest($3::int[], $4::bigint[]) as p(partition, position) where p.partition = s.partition), 0)
     where subscription = $1 and source = $2`,
    [subscription, source, [...positions.keys()], [...positions.values()]],
  )
}

function columns(advances: readonly CheckpointAdvance[]): unknown[] {
  return [
    advances.map((a) => a.subscription),
    advances.map((a) => a.source),
    advances.map((a) => a.partition),
    advances.map((a) => a.epoch),
    advances.map((a) => a.position),
  ]
}
