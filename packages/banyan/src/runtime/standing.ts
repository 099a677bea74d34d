import { PARTITIONS } from '../events/event.ts'
import { readBacklog, readSubscription, type Backlog, type SubscriptionState } from '../events/subscription-state.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { ServiceFacts } from '../model/service.ts'
import { sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import { readWork, type WorkState } from '../work/work-state.ts'
import { plannedSubscriptions, type PlannedSubscription } from './planned-subscriptions.ts'
import { publisherOf } from './publish.ts'

export interface SubscriptionStanding extends Omit<SubscriptionState, 'positions'>, Backlog {
  readonly kind: PlannedSubscription['kind']
  /** Whether a process has run it yet. */
  readonly started: boolean
  /** The log is not the one that the positions belong to: its database was restored or replaced. */
  readonly rewound: boolean
}

/** What a service has to catch up with, read from databases alone, so that it does not matter who runs it, or whether anybody does. */
export interface Standing {
  readonly subscriptions: readonly SubscriptionStanding[]
  readonly sends: WorkState
}

/** `databaseOf` gives the database of a service, under its own role: that of this service, and those whose logs it listens to. */
export async function standingOf(services: ReadonlyMap<string, ServiceFacts>, service: string, databaseOf: (service: string) => Sql): Promise<Standing> {
  const facts = services.get(service)!
  try {
    const subscriptions = await Promise.all(plannedSubscriptions(facts, publisherOf(facts)).map((planned) => standing(planned)))
    return { subscriptions, sends: await readWork(databaseOf(service), 'send') }
  } catch (error) {
    throw sqlError(error)
  }

  async function standing({ name, listening: { source, types }, kind }: PlannedSubscription): Promise<SubscriptionStanding> {
    const { positions: reached, ...state } = await readSubscription(databaseOf(service), { subscription: name, source })
    const log = databaseOf(source)
    const positions = new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, reached.get(partition) ?? 0]))
    const [backlog, { rows }] = await Promise.all([
      readBacklog(log, positions, recordedTypes(source, types)),
      log.query<{ incarnation: string }>('select incarnation from banyan_log'),
    ])
    const rewound = state.incarnation !== undefined && state.incarnation !== rows[0]?.incarnation
    return { kind, ...state, ...backlog, started: reached.size > 0, rewound }
  }

  /** A service hears the public types of others, which have other names in their logs. */
  function recordedTypes(source: string, types: readonly string[]): readonly string[] {
    if (source === service) return types
    const theirs = services.get(source)
    if (!theirs) throw new BanyanError('not_found', `the app has no service '${source}'`)
    const { recorded } = publisherOf(theirs)
    return [...new Set(types.flatMap((type) => recorded(type)))]
  }
}
