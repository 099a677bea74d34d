/**
 * The framework's tables of one service, in the service's own schema. Written without a schema name: migrations run with the search path
 * set to it. Events, keys and work are partitioned by month from the first migration on, so that old months are dropped, never deleted
 * row by row; a default partition takes what falls outside. PostgreSQL 15 to 18.
 */
export const tables = /* sql */ `
create table banyan_log (
  one boolean primary key default true check (one),
  incarnation uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now()
);
insert into banyan_log default values;

-- one sequence for all partitions; positions are drawn under the partition's lock, so they grow in commit order within it
create sequence banyan_position as bigint;

create table banyan_streams (
  stream text collate "C" primary key,
  version integer not null,
  -- id of the event of that version: tells a stream from another history of the same length
  last uuid not null
) with (fillfactor = 70);

create table banyan_events (
  partition smallint not null,
  position bigint not null,
  stream text collate "C" not null,
  version integer not null,
  type text collate "C" not null,
  schema smallint not null,
  id uuid not null,
  tenant text collate "C" not null,
  -- json, not jsonb: kept byte for byte, and half as expensive to write and to read
  data json not null,
  meta json not null,
  at timestamptz not null default clock_timestamp()
) partition by range (at);
create index banyan_events_position on banyan_events (partition, position);
create index banyan_events_stream on banyan_events (stream, version);
create table banyan_events_rest partition of banyan_events default;

-- keys are UUIDv7, so their order is the order of time and their unique index can include the partition key
create table banyan_keys (
  key uuid not null,
  operation text collate "C" not null,
  tenant text collate "C" not null,
  subject text collate "C" not null,
  input text collate "C" not null,
  result json not null,
  at timestamptz not null default clock_timestamp(),
  primary key (key, operation, tenant, subject)
) partition by range (key);
create table banyan_keys_rest partition of banyan_keys default;

-- things due: one table with lease and epoch
create table banyan_work (
  id uuid not null,
  kind text collate "C" not null,
  tenant text collate "C" not null,
  service text collate "C" not null,
  operation text collate "C" not null,
  input jsonb not null,
  context jsonb not null,
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  owner text,
  epoch bigint not null default 0,
  leased_until timestamptz,
  -- set when it will not be tried again without an operator
  dead_at timestamptz,
  error jsonb,
  primary key (id)
) partition by range (id);
create index banyan_work_due on banyan_work (due_at) where dead_at is null;
create table banyan_work_rest partition of banyan_work default;

create table banyan_subscriptions (
  subscription text collate "C" not null,
  source text collate "C" not null,
  partition smallint not null,
  -- the log that position belongs to; null until the first event is read
  incarnation uuid,
  position bigint not null default 0,
  owner text,
  epoch bigint not null default 0,
  leased_until timestamptz,
  primary key (subscription, source, partition)
) with (fillfactor = 50);

-- events whose handling failed for good, and all later events of their key: parked in order, so that the rest flows on
create table banyan_parked (
  subscription text collate "C" not null,
  source text collate "C" not null,
  partition smallint not null,
  position bigint not null,
  stream text collate "C" not null,
  event jsonb not null,
  attempts integer not null,
  error jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (subscription, source, partition, position)
);
create index banyan_parked_stream on banyan_parked (subscription, source, stream, position);

-- replicas that share a subscription's partitions; the owner of a partition is alive as long as its row here is
create table banyan_members (
  subscription text collate "C" not null,
  source text collate "C" not null,
  owner text collate "C" not null,
  live_until timestamptz not null,
  primary key (subscription, source, owner)
) with (fillfactor = 50);

-- Claims due work, oldest first, skipping what others are claiming. What is claimed is due again when its lease ends, so that the work of
-- a dead process comes up by itself. A function for its settings' sake: statistics lag behind a table that fills and empties this fast.
create function banyan_claim(p_kind text, p_owner text, p_limit int, p_lease_ms float8, p_except text[]) returns json
language plpgsql
set search_path from current
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $banyan$
declare
  lease_end constant timestamptz := now() + p_lease_ms * interval '1 ms';
  items json;
  claimed int;
  next_ms float8 := 0;
begin
  with due as materialized (
    select id from banyan_work where dead_at is null and kind = p_kind and service <> all (p_except) and due_at <= now()
    order by due_at limit p_limit for update skip locked
  ), taken as (
    update banyan_work w set owner = p_owner, epoch = w.epoch + 1, attempts = w.attempts + 1, leased_until = lease_end, due_at = lease_end
    from due where w.id = due.id
    returning w.id, w.tenant, w.service, w.operation, w.input, w.context, w.attempts, w.epoch
  )
  select coalesce(json_agg(taken), '[]'), count(*) into items, claimed from taken;
  if claimed < p_limit then
    select extract(epoch from due_at - now())::float8 * 1000 into next_ms from banyan_work
    where dead_at is null and kind = p_kind and service <> all (p_except) and due_at > now() order by due_at limit 1;
  end if;
  return json_build_object('items', items, 'next', next_ms);
end $banyan$;
`
