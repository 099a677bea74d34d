import type pg from 'pg'
import { readCheckpoints, type SubscriptionKey } from '../events/checkpoint.ts'
import { PARTITIONS } from '../events/event.ts'
import type { Positions } from '../events/feed.ts'
import { logFeed, WatchedLog, type LogHeads } from '../events/log-feed.ts'
import { eventLog } from '../events/log.ts'
import type { Projection, ServiceFacts } from '../model/service.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { Sql } from '../store/sql.ts'
import { projectionListenings, projectionName } from './planned-subscriptions.ts'
import { ProjectionBatches } from './projections.ts'
import { publisherOf } from './publish.ts'
import type { ReplaySource } from './replay-log.ts'

/** What a projection is replayed from and into. */
export interface ReplayPlace {
  readonly services: ReadonlyMap<string, ServiceFacts>
  readonly service: string
  readonly projection: Projection
  /** A connection to the service's database, of its own: what it reads stays as it was when this began. */
  readonly live: pg.Client
  /** Where the projection's functions write; it has the service's tables, empty. */
  readonly scratch: ServiceDatabase
  /** The database of a service whose log is read, under its own role. */
  readonly databaseOf: (service: string) => Sql
}

/** Where the live projection is in a log. */
interface LivePosition {
  readonly reached: Positions
  /** The log that the positions belong to; `undefined` before the first event. */
  readonly incarnation: string | undefined
  /** Ids of events that it could not handle. */
  readonly parked: readonly string[]
}

/** A log that a projection listens to, with its end and the live projection's place in it. */
export interface OpenSource extends ReplaySource, LivePosition {
  readonly heads: LogHeads
  /** Roughly how many events of it are to be replayed. */
  readonly count: number
}

export async function openSources({ services, service, projection, live, scratch, databaseOf }: ReplayPlace): Promise<readonly OpenSource[]> {
  const facts = services.get(service)!
  const sources: OpenSource[] = []
  for (const listening of projectionListenings(facts, publisherOf(facts), projection)) {
    const { source, types } = listening
    const sql = databaseOf(source)
    const log = eventLog(sql)
    // its own log is read as recorded, that of another service as that one publishes it
    const publisher = source === service ? undefined : publisherOf(services.get(source)!)
    const position = await livePosition(live, { subscription: projectionName(projection), source })
    const heads = await log.heads()
    sources.push({
      ...position,
      listening,
      heads,
      feed: logFeed(new WatchedLog(log), publisher),
      batches: new ProjectionBatches(scratch, listening, facts.store.tenants),
      count: await countEvents(sql, publisher ? types.flatMap((type) => publisher.recorded(type)) : types),
    })
  }
  return sources
}

async function countEvents(sql: Sql, types: readonly string[]): Promise<number> {
  const { rows } = await sql.query<{ count: number }>('select count(*)::int as count from banyan_events where type = any($1)', [types])
  return rows[0]!.count
}

async function livePosition(live: Sql, key: SubscriptionKey): Promise<LivePosition> {
  const { rows } = await live.query<{ incarnation: string | null; parked: string[] }>(
    `select (select incarnation from banyan_subscriptions where subscription = $1 and source = $2 and incarnation is not null limit 1) as incarnation,
       array(select event ->> 'id' from banyan_parked where subscription = $1 and source = $2) as parked`,
    [key.subscription, key.source],
  )
  const { incarnation, parked } = rows[0]!
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  const checkpoints = await readCheckpoints(live, key, partitions)
  return { reached: new Map(checkpoints.map(({ partition, position }) => [partition, position])), incarnation: incarnation ?? undefined, parked }
}
