import { crashPoint } from '../kernel/crash-point.ts'
import { advanceWithin } from '../events/checkpoint.ts'
import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { Listening } from './listen.ts'
import { deliveryOf } from './reactions.ts'
import { rowsOf } from './sql-side.ts'
import { inTransaction } from './sql-transaction.ts'

/** Applies events to a projection's tables, many per transaction, together with the checkpoint. */
export function projectionHandler(database: ServiceDatabase, listening: Listening): SubscriptionHandler {
  return {
    kind: 'batch',
    async handle(events, advance, { attempt }) {
      const found = events.flatMap((event) => {
        const match = listening.find(event)
        return match ? [{ event, ...match }] : []
      })
      if (found.length === 0) return 'ignored'
      await inTransaction(database, async (sql) => {
        const db = database.kysely<never>(sql)
        for (const { event, listener, data } of found) {
          await listener.run(data as never, { db, query: rowsOf(sql), event: deliveryOf(event, attempt) } as never)
        }
        crashPoint('projection.applied')
        await advanceWithin(sql, advance)
      })
      crashPoint('projection.committed')
      return 'committed'
    },
  }
}
