import type { Sql } from '../store/sql.ts'
import type { SubscriptionKey } from './checkpoint.ts'

/** A partition of a subscription that this process owns until another takes it over, which raises the epoch. */
export interface Lease {
  readonly partition: number
  readonly epoch: number
  /** Everything up to here is dealt with. */
  readonly position: number
  /** The log that the position belongs to; null before the first event. */
  readonly incarnation: string | null
}

/** What a beat tells about one subscription. */
export interface Holding extends SubscriptionKey {
  /** How many partitions are this process's fair share among the replicas alive. */
  readonly fair: number
  readonly leases: readonly Lease[]
}

/** Makes the rows of subscriptions that the database has not seen; free to repeat. */
export async function seedSubscriptions(sql: Sql, keys: readonly SubscriptionKey[], partitions: number): Promise<void> {
  await sql.query(
    `insert into banyan_subscriptions (subscription, source, partition)
     select k.subscription, k.source, p from unnest($1::text[], $2::text[]) as k(subscription, source), generate_series(0, $3::int - 1) as p
     on conflict do nothing`,
    [...columns(keys), partitions],
  )
}

/**
 * One statement for all subscriptions of a process: says that it lives, and takes free partitions up to its fair share. Free is what has
 * no owner, or one that is no longer alive by the database's time. Partitions of an owner that came back in time keep their epoch.
 */
export async function beatStatement(
  sql: Sql,
  owner: string,
  keys: readonly SubscriptionKey[],
  leaseMs: number,
  partitions: number,
): Promise<readonly Holding[]> {
  const { rows } = await sql.query<Holding>(beat, [owner, ...columns(keys), leaseMs, partitions])
  return rows
}

const beat = /* sql */ `
with wanted as (
  select * from unnest($2::text[], $3::text[]) as w(subscription, source)
), alive as (
  insert into banyan_members (subscription, source, owner, live_until)
  select subscription, source, $1, clock_timestamp() + $4::float8 * interval '1 ms' from wanted
  on conflict (subscription, source, owner) do update set live_until = excluded.live_until
), forgotten as (
  delete from banyan_members where live_until < clock_timestamp() - interval '1 hour' and owner <> $1
), members as materialized (
  select m.subscription, m.source, m.owner from banyan_members m join wanted using (subscription, source)
  where m.live_until > clock_timestamp() and m.owner <> $1
  union all
  select subscription, source, $1 from wanted
), held as materialized (
  select s.* from banyan_subscriptions s join wanted using (subscription, source) where s.owner = $1
), share as materialized (
  -- the remainder goes to the first by name, so the shares of all replicas add up to all partitions
  select subscription, source, ($5::int / count(*) + case when count(*) filter (where owner < $1) < $5::int % count(*) then 1 else 0 end)::int as fair
  from members group by subscription, source
), free as materialized (
  select s.subscription, s.source, s.partition, s.epoch from banyan_subscriptions s join wanted using (subscription, source)
  where s.owner is null or not exists (select from members m where (m.subscription, m.source, m.owner) = (s.subscription, s.source, s.owner))
), quota as materialized (
  select share.*, greatest(0, share.fair - coalesce(own.count, 0)) as more
  from share left join (select subscription, source, count(*) from held group by subscription, source) own using (subscription, source)
), picked as materialized (
  select quota.subscription, quota.source, pick.partition from quota, lateral (
    -- joined on the epoch seen above: a row that another replica took meanwhile drops out, one being committed to is left for the next beat
    select t.partition from free f join banyan_subscriptions t using (subscription, source, partition, epoch)
    where (f.subscription, f.source) = (quota.subscription, quota.source)
    order by random() limit quota.more for update of t skip locked
  ) pick
  where quota.more > 0
), taken as (
  update banyan_subscriptions s set owner = $1, epoch = s.epoch + 1 from picked
  where (s.subscription, s.source, s.partition) = (picked.subscription, picked.source, picked.partition)
  returning s.*
), mine as (
  select * from held union all select * from taken
)
select share.subscription, share.source, share.fair, coalesce(
  json_agg(json_build_object('partition', partition, 'epoch', epoch, 'position', position, 'incarnation', incarnation)) filter (where partition is not null), '[]'
) as leases
from share left join mine using (subscription, source)
group by share.subscription, share.source, share.fair`

/** Gives partitions back, those still owned at these epochs. */
export async function releaseStatement(sql: Sql, owner: string, { subscription, source }: SubscriptionKey, epochs: ReadonlyMap<number, number>): Promise<void> {
  await sql.query(
    `update banyan_subscriptions s set owner = null from unnest($4::int[], $5::bigint[]) as r(partition, epoch)
     where s.subscription = $1 and s.source = $2 and s.owner = $3 and s.partition = r.partition and s.epoch = r.epoch`,
    [subscription, source, owner, [...epochs.keys()], [...epochs.values()]],
  )
}

/** Gives everything back and is no longer counted among the replicas. */
export async function leaveStatement(sql: Sql, owner: string, { subscription, source }: SubscriptionKey): Promise<void> {
  await sql.query(
    `with gone as (delete from banyan_members where subscription = $1 and source = $2 and owner = $3)
     update banyan_subscriptions set owner = null where subscription = $1 and source = $2 and owner = $3`,
    [subscription, source, owner],
  )
}

function columns(keys: readonly SubscriptionKey[]): unknown[] {
  return [keys.map((key) => key.subscription), keys.map((key) => key.source)]
}
