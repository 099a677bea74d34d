import type { Sql } from '../store/sql.ts'
import type { Failure } from './parked.ts'
import type { CheckpointAdvance } from './unit.ts'

/** What holds a partition of a subscription up, written down for whoever looks from outside. */
export interface NotedTrouble {
  /** The event that fails, or the last of the batch that does. Once the checkpoint is there the trouble is over; nothing takes the note away. */
  readonly position: number
  /** The stream of the first event that was handed over. */
  readonly stream: string
  readonly attempts: number
  readonly error: Failure
}

/** Adds to the subscriptions what holds them up. */
export const troubleColumn = /* sql */ `alter table banyan_subscriptions add column trouble jsonb;`

/** Writes down what holds a partition up, if it still belongs to this process. */
export async function noteTrouble(sql: Sql, { subscription, source, partition, epoch }: CheckpointAdvance, trouble: NotedTrouble): Promise<void> {
  await sql.query('update banyan_subscriptions set trouble = $5 where subscription = $1 and source = $2 and partition = $3 and epoch = $4', [
    subscription,
    source,
    partition,
    epoch,
    JSON.stringify(trouble),
  ])
}
