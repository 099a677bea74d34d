import type { Sql } from '../../src/store/sql.ts'

/** What must never be, each with the SQL that finds where it is. One statement sees one moment. */
export type Laws = Readonly<Record<string, string>>

/** The laws that are broken, each with the first places; `{}` when all hold. */
export async function broken(sql: Sql, laws: Laws): Promise<Record<string, readonly object[]>> {
  const found: Record<string, readonly object[]> = {}
  for (const [law, query] of Object.entries(laws)) {
    const { rows } = await sql.query(`${definitions} ${query}`)
    if (rows.length > 0) found[law] = rows.slice(0, 10)
  }
  return found
}

const definitions = /* sql */ `
with happened as (
  select id, stream, version, partition, position, (data->>'unit')::uuid as unit, data->>'way' as way from banyan_events where type = 'Happened'
), wanted as (
  -- the echo and the reaction are told of what happened, the projection of everything; what is behind the checkpoint is dealt with
  select by, id, stream, version, events.position <= checkpoint.position as due
  from unnest(array['echo', 'reaction', 'projection']) by
  join banyan_events events on by = 'projection' or type = 'Happened'
  join banyan_subscriptions checkpoint on (checkpoint.subscription, checkpoint.partition) = (by, events.partition)
), done as (
  select by, event, stream, version, nth from effects
  union all
  -- an echo's own version says the how manieth it is for its stream
  select 'echo', (data->>'event')::uuid, data->>'stream', (data->>'version')::integer, version from banyan_events where type = 'Echoed'
), executed as (
  select distinct journal.key, happened.unit from journal join happened on happened.id = journal.event where journal.key is not null
)`

export const lawsOfEveryMoment: Laws = {
  'versions of a stream are not 1, 2, 3… in the order of positions': /* sql */ `
    select * from (
      select stream, version, partition, position, row_number() over (partition by stream order by position) as counted from banyan_events
    ) events where version <> counted`,
  'a stream is in two partitions': /* sql */ `
    select stream, array_agg(distinct partition) from banyan_events group by stream having count(distinct partition) > 1`,
  'a position is taken twice': /* sql */ `
    select partition, position, array_agg(id) from banyan_events group by 1, 2 having count(*) > 1`,
  'an event is in the log twice': /* sql */ `
    select id, count(*) from banyan_events group by id having count(*) > 1`,
  'a stream is said to end elsewhere': /* sql */ `
    select stream, ended.version, ended.id, banyan_streams.version as said, last as said_last
    from (select distinct on (stream) stream, version, id from banyan_events order by stream, version desc) ended
    full join banyan_streams using (stream) where (ended.version, ended.id) is distinct from (banyan_streams.version, last)`,
  'the append of a unit and its own SQL are not both there': /* sql */ `
    select unit, appended.n as events, notes.n as notes
    from (select unit, count(*) as n from happened where way = 'transaction' group by unit) appended
    full join (select unit, count(*) as n from notes group by unit) notes using (unit)
    where appended.n is null or notes.n is distinct from 1`,
  'an event was skipped': /* sql */ `
    select by, id, stream, version from wanted where due and not exists (select from done where (done.by, done.event) = (wanted.by, wanted.id))`,
  'an event was seen twice': /* sql */ `
    select by, event, stream, version, array_agg(nth) from done group by 1, 2, 3, 4 having count(*) > 1`,
  'an effect and its checkpoint are not both there': /* sql */ `
    select by, event, stream, version from done
    where not exists (select from wanted where (by, id, stream, version) = (done.by, done.event, done.stream, done.version) and due)`,
  'the events of a stream were seen out of order': /* sql */ `
    select by, stream, version, nth from done where nth <> version`,
  'an event was parked': /* sql */ `
    select subscription, stream, attempts, error from banyan_parked`,
}

/** What writers were told is known when they have stopped. */
export const lawsOfTheEnd: Laws = {
  'an acknowledged event is not in the log': /* sql */ `
    select event, unit, way from journal where told = 'committed' and not exists (select from happened where id = event)`,
  'an event is in the log though its writer was told that it is not': /* sql */ `
    select event, journal.unit, journal.way, told from journal join happened on id = event where told not in ('committed', 'unknown', 'nothing')`,
  'an event is in the log that nobody wrote': /* sql */ `
    select id, stream, version from happened where not exists (select from journal where event = id)`,
  'a unit is in the log in part': /* sql */ `
    select journal.unit, journal.way, told from journal left join happened on id = event
    group by 1, 2, 3 having count(id) not in (0, count(*))`,
  'a key does not stand for exactly one unit': /* sql */ `
    select key, unit, result->>'unit' as recorded from executed full join banyan_keys using (key) where (result->>'unit')::uuid is distinct from unit`,
  'a command was answered that was not executed': /* sql */ `
    select key, unit, told from journal where told = 'duplicate' and not exists (select from executed where executed.key = journal.key)`,
  "a repeat was answered with another command's result": /* sql */ `
    select journal.key, journal.unit, same_as from journal join executed using (key) where told = 'duplicate' and same_as is distinct from executed.unit`,
}

/** The partitions that subscriptions have not read to the end. */
export const behind = /* sql */ `
  select subscription, partition, owner, epoch, checkpoint.position, head
  from banyan_subscriptions checkpoint
  join (select partition, max(position) as head from banyan_events group by partition) heads using (partition)
  where checkpoint.position < head`
