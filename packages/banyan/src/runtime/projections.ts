import { advanceWithin } from '../events/checkpoint.ts'
import type { FeedEvent } from '../events/feed.ts'
import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import type { CheckpointAdvance } from '../events/unit.ts'
import { crashPoint } from '../kernel/crash-point.ts'
import { PreparedNames } from '../store/prepared.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { Sql } from '../store/sql.ts'
import { applyInOrder, Overtaken, type Manners, type Step } from './apply-run.ts'
import type { DeliveryFacts } from './contexts.ts'
import type { Listener, Listening } from './listen.ts'
import { deliveryOf } from './reactions.ts'
import { rowsOf } from './sql-side.ts'
import { inTransaction } from './sql-transaction.ts'

/** Transactions of one projection come one after the other, whichever replica runs them: rows that sums from several keys share are locked in no order. */
const inTurn = /* sql */ `select pg_advisory_xact_lock('banyan_subscriptions'::regclass::oid::int, hashtext($1))`

/** Applies events to a projection's tables, many per transaction, together with the checkpoint; tells `moved` when they are committed. */
export function projectionHandler(database: ServiceDatabase, listening: Listening, moved: () => void): SubscriptionHandler {
  const manners: Manners = new WeakMap()
  const names = new PreparedNames()
  return {
    kind: 'batch',
    async handle(events, advance, { attempt }) {
      const steps = applySteps(database, listening, events, attempt)
      if (steps.length === 0) return 'ignored'
      while (!(await applied(database, steps, advance, manners, names)));
      crashPoint('projection.committed')
      moved()
      return 'committed'
    },
  }
}

/** What to run for events: singly in their order, then, for those that are applied together, once for each kind in the order of the declaration. */
export function applySteps(database: ServiceDatabase, listening: Listening, events: readonly FeedEvent[], attempt: number): readonly Step[] {
  const singly: Step[] = []
  const together = new Map<Listener, { data: unknown; event: DeliveryFacts }[]>()
  for (const event of events) {
    const match = listening.find(event)
    if (!match) continue
    const { listener, data } = match
    const delivery = deliveryOf(event, attempt)
    if (listener.together === undefined) singly.push(stepOf(database, listener, data, { event: delivery }))
    else (together.get(listener) ?? begun(together, listener)).push({ data, event: delivery })
  }
  const groups = [...together].sort(([one], [other]) => one.together! - other.together!)
  return [...singly, ...groups.map(([listener, group]) => stepOf(database, listener, group, {}))]
}

function begun<Key, Item>(groups: Map<Key, Item[]>, key: Key): Item[] {
  const group: Item[] = []
  groups.set(key, group)
  return group
}

function stepOf(database: ServiceDatabase, listener: Listener, given: unknown, more: { readonly event?: DeliveryFacts }): Step {
  return { kind: listener, run: (sql: Sql) => listener.run(given as never, contextOf(database, sql, more) as never) }
}

function contextOf(database: ServiceDatabase, sql: Sql, more: { readonly event?: DeliveryFacts }): object {
  return {
    // made for those who ask for it
    get db() {
      return database.kysely<never>(sql)
    },
    query: rowsOf(sql),
    ...more,
  }
}

/** `false`: nothing was committed, and the same is to be run again. */
async function applied(
  database: ServiceDatabase,
  steps: readonly Step[],
  advance: CheckpointAdvance,
  manners: Manners,
  names: PreparedNames,
): Promise<boolean> {
  try {
    await inTransaction(database, async (client) => {
      await client.query(inTurn, [advance.subscription])
      await applyInOrder(client, steps, manners, names)
      crashPoint('projection.applied')
      await advanceWithin(client, advance)
    })
    return true
  } catch (error) {
    if (error instanceof Overtaken || names.renewAfter(error)) return false
    throw error
  }
}
