import { advanceWithin, leaseLost } from '../../src/events/checkpoint.ts'
import type { Committer } from '../../src/events/committer.ts'
import type { Feed, FeedEvent } from '../../src/events/feed.ts'
import type { Leases } from '../../src/events/leases.ts'
import { subscribe } from '../../src/events/subscribe.ts'
import type { Handled, SubscriptionHandler } from '../../src/events/subscription-handler.ts'
import type { CheckpointAdvance } from '../../src/events/unit.ts'
import { inTransaction } from '../../src/runtime/sql-transaction.ts'
import type { ServiceDatabase } from '../../src/store/service-database.ts'
import { isConnectionFailure } from '../../src/store/sql-errors.ts'
import { newEvent } from '../events/log-database.ts'
import type { Choices } from './choices.ts'
import { dawdle } from './dawdle.ts'
import { HAPPENED } from './planned-unit.ts'
import { service } from './property-database.ts'

export const ECHOED = 'Echoed'

export interface ReaderOptions {
  readonly database: ServiceDatabase
  readonly commits: Committer
  readonly feed: Feed
  readonly leases: Leases
  readonly choices: Choices
}

/** Runs this process's share of the three subscriptions, until it dies. */
export async function startReaders(options: ReaderOptions): Promise<void> {
  await start(options, 'echo', echo(options), [HAPPENED])
  await start(options, 'reaction', { kind: 'each', handle: (event, advance) => record(options, [event], [advance]) }, [HAPPENED])
  await start(options, 'projection', { kind: 'batch', handle: (events, advances) => record(options, events, advances) })
}

async function start({ database, feed, leases }: ReaderOptions, subscription: string, handler: SubscriptionHandler, types?: string[]): Promise<void> {
  const options = { subscription, source: service, handler, feed, leases, sql: database.pool, ...(types && { types }) }
  const hurry = { concurrency: 4, backoff: { baseMs: 5, capMs: 100 }, checkpointMs: 20, batchSize: 50 }
  for (;;) {
    try {
      return void (await subscribe({ ...options, ...hurry }))
    } catch (error) {
      // its first statement may meet the connection that the test breaks
      if (!isConnectionFailure(error)) throw error
    }
  }
}

/** A reaction without SQL: its effect is an event, and the checkpoint goes with it through the group committer. */
function echo({ commits }: ReaderOptions): SubscriptionHandler {
  return {
    kind: 'each',
    async handle({ id, stream, version }, checkpoint): Promise<Handled> {
      const event = { ...newEvent(ECHOED), data: JSON.stringify({ event: id, stream, version }) }
      const outcome = await commits.submit({ tenant: '', streams: [{ stream: `echo/${stream}`, expected: 'any', events: [event] }], sends: [], checkpoint })
      if (outcome.kind === 'committed') return 'committed'
      if (outcome.kind === 'lease_lost') throw leaseLost(checkpoint)
      throw new Error(`an echo that expects nothing was answered ${JSON.stringify(outcome)}`)
    },
  }
}

const recordStatement = /* sql */ `
insert into effects (by, stream, version, event, nth)
select $1, e.stream, e.version, e.event,
  coalesce((select max(nth) from effects where by = $1 and stream = e.stream), 0) + row_number() over (partition by e.stream order by e.i)
from unnest($2::text[], $3::integer[], $4::uuid[]) with ordinality as e(stream, version, event, i)`

/** Effects in the consumer's tables, each as the next of its stream, and the checkpoint with them in one transaction. */
async function record({ database, choices }: ReaderOptions, events: readonly FeedEvent[], advances: readonly CheckpointAdvance[]): Promise<Handled> {
  await inTransaction(database, async (client) => {
    const columns = [events.map(({ stream }) => stream), events.map(({ version }) => version), events.map(({ id }) => id)]
    await client.query(recordStatement, [advances[0]!.subscription, ...columns])
    if (choices.chance(0.15)) await dawdle(client, choices)
    await advanceWithin(client, advances)
  })
  return 'committed'
}
