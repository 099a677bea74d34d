import { BanyanError } from '../kernel/errors.ts'
import type { Sql } from '../store/sql.ts'
import type { SubscriptionKey } from './checkpoint.ts'
import { failureOf, listParked, type Failure, type ParkedEvent, type ParkedKey } from './parked.ts'
import { handle, type SubscriptionHandler } from './subscription-handler.ts'
import type { CheckpointAdvance } from './unit.ts'

export interface Retried {
  /** How many events were dealt with. */
  readonly retried: number
  /** Why the next one is still parked; absent when none is left. */
  readonly failure?: Failure
}

/**
 * Hands a key's parked events, in order, to the handler they were parked from, until one fails or none is left; then the key flows
 * again. Effects happen exactly once also when the process dies in between: the retry has a checkpoint of its own, under the
 * subscription `<name> parked <stream>`, and a second retry of the same key takes it over (the first then throws `lease_lost`).
 */
export async function retryParked(
  sql: Sql,
  key: ParkedKey,
  handler: SubscriptionHandler,
  signal: AbortSignal = new AbortController().signal,
): Promise<Retried> {
  const [first] = await listParked(sql, key, 1)
  if (!first) return { retried: 0 }
  const lease = await takeOver(sql, key, first.event.partition)
  await dropDone(sql, key, lease)
  for (let retried = 0; ; retried++) {
    const [next] = await listParked(sql, key, 1)
    if (!next) {
      await forget(sql, lease)
      return { retried }
    }
    const failure = await retryOne(next, lease, handler, signal)
    if (failure) {
      await noteFailure(sql, next, failure)
      return { retried, failure }
    }
    await dropDone(sql, key, { ...lease, position: next.event.position })
  }
}

async function retryOne(parked: ParkedEvent, lease: CheckpointAdvance, handler: SubscriptionHandler, signal: AbortSignal): Promise<Failure | undefined> {
  try {
    await handle(handler, [parked.event], { ...lease, position: parked.event.position }, { attempt: parked.attempts + 1, signal })
    return undefined
  } catch (error) {
    if (BanyanError.is(error, 'lease_lost')) throw error
    return failureOf(error)
  }
}

async function takeOver(sql: Sql, { subscription, source, stream }: ParkedKey, partition: number): Promise<CheckpointAdvance> {
  const own: SubscriptionKey = { subscription: `${subscription} parked ${stream}`, source }
  // the row is deleted at the end, so the time keeps epochs growing where a count would begin again
  const { rows } = await sql.query<{ epoch: string; position: string }>(
    `insert into banyan_subscriptions as s (subscription, source, partition, epoch)
     values ($1, $2, $3, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
     on conflict (subscription, source, partition) do update set epoch = greatest(s.epoch + 1, excluded.epoch) returning epoch, position`,
    [own.subscription, source, partition],
  )
  return { ...own, partition, epoch: Number(rows[0]!.epoch), position: Number(rows[0]!.position) }
}

async function dropDone(sql: Sql, { subscription, source, stream }: ParkedKey, { position }: CheckpointAdvance): Promise<void> {
  await sql.query('delete from banyan_parked where subscription = $1 and source = $2 and stream = $3 and position <= $4', [
    subscription,
    source,
    stream,
    position,
  ])
}

async function noteFailure(sql: Sql, { subscription, source, event }: ParkedEvent, failure: Failure): Promise<void> {
  await sql.query(
    `update banyan_parked set attempts = attempts + 1, error = $5::jsonb where subscription = $1 and source = $2 and partition = $3 and position = $4`,
    [subscription, source, event.partition, event.position, JSON.stringify(failure)],
  )
}

async function forget(sql: Sql, { subscription, source, partition, epoch }: CheckpointAdvance): Promise<void> {
  await sql.query('delete from banyan_subscriptions where subscription = $1 and source = $2 and partition = $3 and epoch = $4', [
    subscription,
    source,
    partition,
    epoch,
  ])
}
