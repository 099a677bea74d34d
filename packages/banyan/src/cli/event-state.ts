import { inspect } from 'node:util'
import { categoryOf } from '../events/event.ts'
import { eventLog, type StreamRange } from '../events/log.ts'
import { aggregatesOf } from '../runtime/aggregates.ts'
import type { LoadedApp } from '../runtime/load.ts'
import { foldsOf } from '../runtime/stream-states.ts'
import type { Sql } from '../store/sql.ts'
import { misuse } from './arguments.ts'
import { streamsLike, type ListedEvent } from './event-query.ts'
import type { Style } from './style.ts'

/** A stream at a moment or a version of the past. */
export interface PastStream {
  readonly service: string
  readonly stream: string
  readonly version: number
  /** What its aggregate had become; absent where the service's declarations do not lead to the aggregate. */
  readonly state?: unknown
  /** The newest of the events up to then, oldest first. */
  readonly events: readonly ListedEvent[]
}

/** The one stream that is meant, and the service whose log has it. Throws `usage` where several are, or none is. */
export async function findStream(pools: ReadonlyMap<string, Sql>, wanted: string): Promise<{ readonly service: string; readonly stream: string }> {
  const found = await Promise.all([...pools].map(async ([service, pool]) => (await streamsLike(pool, wanted)).map((stream) => ({ service, stream }))))
  const [first, second] = found.flat()
  if (!first)
    throw misuse(`no log of ${[...pools.keys()].join(', ')} has a stream ${wanted}; \`banyan events --stream ${categoryOf(wanted)}\` lists its category`)
  if (!second) return first
  const names = [first, second].map(({ service, stream }) => `${stream} of ${service}`)
  throw misuse(`${wanted} may be ${names.join(' or ')}; give more of its name, or the service before the options`)
}

/** Folds a stream up to a point. Throws `stream_not_found` for a version that it does not have. */
export async function pastStream(
  loaded: LoadedApp,
  sql: Sql,
  of: { readonly service: string; readonly stream: string },
  range: StreamRange,
  limit: number,
): Promise<PastStream> {
  const { service, stream } = of
  const log = eventLog(sql)
  const aggregate = aggregatesOf(loaded.services.get(service)!).get(categoryOf(stream))
  const folds = aggregate ? foldsOf(aggregate) : { initial: undefined, evolve: () => undefined }
  const { state } = await log.fold<unknown>(folds, stream, range)
  const events = await log.readStream(stream, { version: state.version, after: Math.max(0, state.version - limit), limit })
  return { service, stream, version: state.version, ...(aggregate && { state: state.state }), events: events.map((event) => ({ ...event, service })) }
}

/** What became of a stream, for a person: below its events. */
export function stateText({ service, stream, version, ...past }: PastStream, { bold, dim, colour }: Style, width: number | undefined): string {
  const head = `${bold(stream)}  ${version === 0 ? 'had no event yet' : `version ${version}`}  ${dim(service)}\n`
  if (!('state' in past)) return `${head}${dim(unknownText(service, stream))}\n`
  return `${head}${inspect(past.state, { depth: null, colors: colour, breakLength: width ?? 100, maxArrayLength: null, maxStringLength: null })}\n`
}

function unknownText(service: string, stream: string): string {
  const category = categoryOf(stream)
  if (category === '@') return 'it was emitted without an aggregate, so there are events and no state'
  return `its state is not shown: nothing that ${service} publishes, projects or reacts to leads to an aggregate '${category}'`
}
