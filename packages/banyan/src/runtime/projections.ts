import { crashPoint } from '../kernel/crash-point.ts'
import { advanceWithin } from '../events/checkpoint.ts'
import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { DeliveryFacts } from './contexts.ts'
import type { Listener, Listening } from './listen.ts'
import { deliveryOf } from './reactions.ts'
import { rowsOf } from './sql-side.ts'
import { inTransaction } from './sql-transaction.ts'

/** Applies events to a projection's tables, many per transaction, together with the checkpoint; tells `moved` when they are committed. */
export function projectionHandler(database: ServiceDatabase, listening: Listening, moved: () => void): SubscriptionHandler {
  return {
    kind: 'batch',
    async handle(events, advance, { attempt }) {
      const found = events.flatMap((event) => {
        const match = listening.find(event)
        return match ? [{ event, ...match }] : []
      })
      if (found.length === 0) return 'ignored'
      await inTransaction(database, async (sql) => {
        const context = { db: database.kysely<never>(sql), query: rowsOf(sql) }
        const together = new Map<Listener, { data: unknown; event: DeliveryFacts }[]>()
        for (const { event, listener, data } of found) {
          const delivery = deliveryOf(event, attempt)
          if (listener.together === undefined) await listener.run(data as never, { ...context, event: delivery } as never)
          else
            together
              .set(listener, together.get(listener) ?? [])
              .get(listener)!
              .push({ data, event: delivery })
        }
        for (const [{ run }, group] of inPlace(together)) await run(group as never, context as never)
        crashPoint('projection.applied')
        await advanceWithin(sql, advance)
      })
      crashPoint('projection.committed')
      moved()
      return 'committed'
    },
  }
}

/** Everywhere in the same order, so that transactions which change the same rows wait for each other and not in a circle. */
function inPlace<Group>(together: ReadonlyMap<Listener, Group>): readonly (readonly [Listener, Group])[] {
  return [...together].sort(([one], [other]) => one.together! - other.together!)
}
