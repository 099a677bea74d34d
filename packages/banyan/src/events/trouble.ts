import type { Sql } from '../store/sql.ts'
import type { Failure } from './parked.ts'
import type { CheckpointAdvance } from './unit.ts'

/** A failed hand-over. Until it is over, nothing beyond it is handed over: were its COMMIT still under way, any retry collides with it and is refused. */
export interface Trouble {
  readonly upTo: number
  readonly failures: number
  /** How many of them will not go away by waiting. */
  readonly refusals: number
  readonly single: boolean
  readonly failure: Failure
  readonly park: boolean
}

/** Nothing is counted yet, but what was handed over may be committed. */
export function suspicion(upTo: number, failure: Failure): Trouble {
  return { upTo, failures: 0, refusals: 0, single: false, failure, park: false }
}

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
