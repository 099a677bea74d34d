import { messageOf } from '../kernel/errors.ts'
import { storableJson } from '../kernel/json.ts'
import type { Sql } from '../store/sql.ts'
import type { SubscriptionKey } from './checkpoint.ts'
import type { FeedEvent } from './feed.ts'
import type { CheckpointAdvance } from './unit.ts'

/** The key whose events are parked: one stream, in one subscription. */
export interface ParkedKey extends SubscriptionKey {
  readonly stream: string
}

/** What is kept of an error. */
export interface Failure {
  readonly code?: string
  readonly message: string
}

export interface ParkedEvent extends ParkedKey {
  readonly event: FeedEvent
  /** How often its handling was tried; 0 for one that only waits behind another of its key. */
  readonly attempts: number
  readonly error: Failure
  readonly at: Date
}

/** What is kept of anything thrown; without characters that jsonb refuses. */
export function failureOf(error: unknown): Failure {
  const message = messageOf(error).slice(0, 4_000).replaceAll('\u0000', '\ufffd').toWellFormed()
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? { code, message } : { message }
}

const move = `update banyan_subscriptions set position = greatest(position, $5)
  where subscription = $1 and source = $2 and partition = $3 and epoch = $4`

const insert = `insert into banyan_parked (subscription, source, partition, position, stream, event, attempts, error)
  select $1, $2, $3, $7, $6, $8::jsonb, $9, $10::jsonb`

/** Parks an event and moves the checkpoint past it, together. Answers `false`, and does nothing, when the lease is lost. */
export async function park(sql: Sql, advance: CheckpointAdvance, event: FeedEvent, attempts: number, error: Failure): Promise<boolean> {
  const { rowCount } = await sql.query(`with moved as (${move} returning 1) ${insert} from moved`, values(advance, event, attempts, error))
  return rowCount === 1
}

/** Parks an event behind the others of its key, if there still are any: `'free'` when an operator has dealt with them meanwhile. */
export async function parkBehind(sql: Sql, advance: CheckpointAdvance, event: FeedEvent): Promise<'parked' | 'free' | 'lease_lost'> {
  // the row lock orders this and a retry that deletes the last event of the key: one of them sees what the other did
  const { rows } = await sql.query<{ key: boolean; parked: boolean }>(
    `with key as materialized (
       select 1 from banyan_parked where subscription = $1 and source = $2 and stream = $6 order by position desc limit 1 for share
     ), moved as (${move} and exists (select from key) returning 1
     ), added as (${insert} from moved returning 1)
     select exists (select from key) as key, exists (select from added) as parked`,
    values(advance, event, 0, { message: 'waits behind an earlier event of its key' }),
  )
  if (rows[0]!.parked) return 'parked'
  return rows[0]!.key ? 'lease_lost' : 'free'
}

function values({ subscription, source, partition, epoch, position }: CheckpointAdvance, event: FeedEvent, attempts: number, error: Failure): unknown[] {
  return [
    subscription,
    source,
    partition,
    epoch,
    position,
    event.stream,
    event.position,
    storableJson(event, `event ${event.id}`),
    attempts,
    JSON.stringify(error),
  ]
}

/** A key with parked events, and why the first of them is. */
export interface ParkedHead {
  readonly partition: number
  readonly stream: string
  readonly error: Failure
}

export async function parkedKeys(sql: Sql, { subscription, source }: SubscriptionKey, partitions: readonly number[]): Promise<readonly ParkedHead[]> {
  const { rows } = await sql.query<{ partition: number; stream: string; error: Failure }>(
    `select distinct on (stream) partition, stream, error from banyan_parked
     where subscription = $1 and source = $2 and partition = any($3) order by stream, position`,
    [subscription, source, partitions],
  )
  return rows
}

/** Parked events in order, at most `limit` (100 unless said), of all subscriptions or of those that match. */
export async function listParked(sql: Sql, match: Partial<ParkedKey> = {}, limit = 100): Promise<readonly ParkedEvent[]> {
  const { rows } = await sql.query<ParkedRow>(
    `select subscription, source, stream, event, attempts, error, at from banyan_parked
     where ($1::text is null or subscription = $1) and ($2::text is null or source = $2) and ($3::text is null or stream = $3)
     order by subscription, source, stream, position limit $4`,
    [match.subscription ?? null, match.source ?? null, match.stream ?? null, limit],
  )
  return rows.map((row) => ({ ...row, event: { ...row.event, at: new Date(row.event.at) } }))
}

type ParkedRow = Omit<ParkedEvent, 'event'> & { readonly event: Omit<FeedEvent, 'at'> & { readonly at: string } }

/** Drops the first parked event of a key, or all; what remains waits for a retry. Answers how many were dropped. */
export async function discardParked(sql: Sql, { subscription, source, stream }: ParkedKey, which: 'first' | 'all'): Promise<number> {
  const { rowCount } = await sql.query(
    `delete from banyan_parked where subscription = $1 and source = $2 and stream = $3
     and ($4 or position = (select min(position) from banyan_parked where subscription = $1 and source = $2 and stream = $3))`,
    [subscription, source, stream, which === 'all'],
  )
  return rowCount ?? 0
}
