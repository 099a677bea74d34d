import type { Failure } from '../events/parked.ts'
import type { Sql } from '../store/sql.ts'

/** Something due that this process has claimed: it alone may settle it, until the lease ends and another claims it at a higher epoch. */
export interface WorkItem {
  readonly id: string
  readonly tenant: string
  readonly service: string
  readonly operation: string
  readonly input: unknown
  readonly context: unknown
  /** 1 for the first attempt; an attempt whose process died counts. */
  readonly attempts: number
  readonly epoch: number
}

export interface Claim {
  readonly items: readonly WorkItem[]
  /** Milliseconds until more is due, by the database's clock: 0 when as much as asked for was, absent when nothing else is there. */
  readonly nextMs?: number
}

export interface ClaimRequest {
  readonly kind: string
  readonly owner: string
  readonly limit: number
  readonly leaseMs: number
  /** Services whose work is left alone for now. */
  readonly except?: readonly string[]
}

/**
 * Takes what is due, oldest first, skipping what others are taking. A claimed item is due again when its lease ends, so that what a dead
 * process had claimed comes up by itself.
 */
export async function claimWork(sql: Sql, { kind, owner, limit, leaseMs, except = [] }: ClaimRequest): Promise<Claim> {
  const { rows } = await sql.query<{ claim: { items: readonly WorkItem[]; next: number | null } }>('select banyan_claim($1, $2, $3, $4, $5) as claim', [
    kind,
    owner,
    limit,
    leaseMs,
    except,
  ])
  const { items, next } = rows[0]!.claim
  return next === null ? { items } : { items, nextMs: next }
}

/** Gives back what an owner has claimed and does not know of, because the answer to its claim was lost with the connection. */
export async function freeClaims(sql: Sql, owner: string, known: readonly string[]): Promise<void> {
  await sql.query(
    `update banyan_work set owner = null, leased_until = null, due_at = clock_timestamp()
     where owner = $1 and id <> all ($2::uuid[]) and due_at > clock_timestamp() and dead_at is null`,
    [owner, known],
  )
}

/** What became of a claimed item. */
export type Settlement = { readonly id: string; readonly epoch: number } & (
  | { readonly outcome: 'done' }
  /** Due again after `afterMs`. */
  | { readonly outcome: 'again'; readonly afterMs: number; readonly failure?: Failure }
  /** Never tried again without an operator. */
  | { readonly outcome: 'dead'; readonly failure: Failure }
)

/** Settles what finished together, in one statement. What another process has claimed meanwhile is left to it. */
export async function settleWork(sql: Sql, settlements: readonly Settlement[]): Promise<void> {
  if (settlements.length === 0) return
  await sql.query(
    `with settled as (
       select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::float8[], $5::jsonb[]) as s(id, epoch, outcome, after_ms, error)
     ), done as (
       delete from banyan_work w using settled s where w.id = s.id and w.epoch = s.epoch and s.outcome = 'done'
     )
     update banyan_work w set owner = null, leased_until = null, error = coalesce(s.error, w.error),
       due_at = clock_timestamp() + s.after_ms * interval '1 ms', dead_at = case when s.outcome = 'dead' then clock_timestamp() end
     from settled s where w.id = s.id and w.epoch = s.epoch and s.outcome <> 'done'`,
    [
      settlements.map((s) => s.id),
      settlements.map((s) => s.epoch),
      settlements.map((s) => s.outcome),
      settlements.map((s) => (s.outcome === 'again' ? s.afterMs : 0)),
      settlements.map((s) => (s.outcome !== 'done' && s.failure ? JSON.stringify(s.failure) : null)),
    ],
  )
}

/** Prolongs leases; answers the ids of those still held. */
export async function renewWork(sql: Sql, items: readonly Pick<WorkItem, 'id' | 'epoch'>[], leaseMs: number): Promise<ReadonlySet<string>> {
  if (items.length === 0) return new Set()
  const { rows } = await sql.query<{ id: string }>(
    `update banyan_work w set leased_until = clock_timestamp() + $3::float8 * interval '1 ms', due_at = clock_timestamp() + $3::float8 * interval '1 ms'
     from unnest($1::uuid[], $2::bigint[]) as h(id, epoch) where w.id = h.id and w.epoch = h.epoch returning w.id`,
    [items.map((item) => item.id), items.map((item) => item.epoch), leaseMs],
  )
  return new Set(rows.map((row) => row.id))
}

export interface DeadWork extends Omit<WorkItem, 'epoch'> {
  readonly kind: string
  readonly deadAt: Date
  readonly error: Failure
}

/** Work that is not tried any more, oldest first; `after` is the id to go on from. Ids of UUIDv7 are in the order of time. */
export async function listDead(sql: Sql, { limit = 100, after }: { readonly limit?: number; readonly after?: string } = {}): Promise<readonly DeadWork[]> {
  const { rows } = await sql.query<DeadWork>(
    `select id, kind, tenant, service, operation, input, context, attempts, dead_at as "deadAt", error from banyan_work
     where dead_at is not null and ($1::uuid is null or id > $1) order by id limit $2`,
    [after ?? null, limit],
  )
  return rows
}

/** Makes dead work due now, as if never tried; answers how many. Wake the dispatcher to have it at once. */
export async function reviveWork(sql: Sql, ids: readonly string[]): Promise<number> {
  const { rowCount } = await sql.query(
    'update banyan_work set dead_at = null, due_at = clock_timestamp(), attempts = 0 where id = any($1::uuid[]) and dead_at is not null',
    [ids],
  )
  return rowCount ?? 0
}

/** Gives dead work up for good; answers how many. */
export async function discardDead(sql: Sql, ids: readonly string[]): Promise<number> {
  const { rowCount } = await sql.query('delete from banyan_work where id = any($1::uuid[]) and dead_at is not null', [ids])
  return rowCount ?? 0
}

/** How many items are due, claimed, or waiting to be tried again; without dead ones, and without those that are for later. */
export async function countWork(sql: Sql, kind: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'select count(*)::int as count from banyan_work where kind = $1 and dead_at is null and (due_at <= clock_timestamp() or attempts > 0)',
    [kind],
  )
  return rows[0]!.count
}
