import type pg from 'pg'
import { advanceWithin } from '../../src/events/checkpoint.ts'
import type { FeedEvent } from '../../src/events/feed.ts'
import type { Handled, SubscriptionHandler } from '../../src/events/subscription-handler.ts'
import type { CheckpointAdvance } from '../../src/events/unit.ts'

/** What a test does before the effects of an event, inside the transaction; a throw rolls back. */
export type Before = (event: FeedEvent, attempt: number) => unknown

/** Writes each event down in `effects`, under the name `by`, in one transaction with the checkpoint. */
export function recordEffects(pool: pg.Pool, kind: SubscriptionHandler['kind'], by: string, before: Before = () => {}): SubscriptionHandler {
  const commit = async (events: readonly FeedEvent[], advances: readonly CheckpointAdvance[], attempt: number): Promise<Handled> => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      for (const event of events) {
        await before(event, attempt)
        await client.query('insert into effects (stream, version, by) values ($1, $2, $3)', [event.stream, event.version, by])
      }
      await advanceWithin(client, advances)
      await client.query('commit')
      return 'committed'
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
  return kind === 'batch'
    ? { kind, handle: (events, advances, { attempt }) => commit(events, advances, attempt) }
    : { kind, handle: (event, advance, { attempt }) => commit([event], [advance], attempt) }
}

/** The versions of each stream in the order their effects were committed. */
export async function effects(pool: pg.Pool, by: string): Promise<Record<string, number[]>> {
  const { rows } = await pool.query<{ stream: string; versions: number[] }>(
    'select stream, array_agg(version order by n) as versions from effects where by = $1 group by stream',
    [by],
  )
  return Object.fromEntries(rows.map(({ stream, versions }) => [stream, versions]))
}

/** The same handler, with something done about what each of its calls answers. */
export function wrapped(inner: SubscriptionHandler, around: (answer: Promise<Handled>) => Promise<Handled>): SubscriptionHandler {
  return inner.kind === 'batch'
    ? { kind: 'batch', handle: (events, advances, about) => around(inner.handle(events, advances, about)) }
    : { kind: 'each', handle: (event, advance, about) => around(inner.handle(event, advance, about)) }
}
