import type { Failure } from '../events/parked.ts'
import { timeOf } from '../kernel/id.ts'
import type { Sql } from '../store/sql.ts'

/** Work is counted up to here. */
const MOST_COUNTED = 10_000

/** What a service has to deliver, as its own database tells. */
export interface WorkState {
  /** Not done yet, whether due, claimed or failed and to be tried again; counted up to 10,001, which stands for "more". */
  readonly waiting: number
  /** How long the oldest of them has been waiting, in milliseconds. */
  readonly oldestMs: number
  /** What of it failed at its last attempt, by where it goes; the most first. */
  readonly failing: readonly WorkTrouble[]
  /** What is not tried any more. */
  readonly dead: readonly WorkTrouble[]
}

export interface WorkTrouble {
  /** `payments.charge` */
  readonly operation: string
  readonly count: number
  /** Of the one that was tried most often. */
  readonly attempts: number
  readonly error: Failure
}

interface Row {
  readonly dead: boolean
  readonly operation: string
  readonly count: number
  readonly attempts: number
  readonly error: Failure
}

export async function readWork(sql: Sql, kind: string, now: Date = new Date()): Promise<WorkState> {
  const [{ rows: counts }, { rows: troubles }] = await Promise.all([
    sql.query<{ waiting: number; oldest: string | null }>(
      `select (select count(*)::int from (select from banyan_work where kind = $1 and dead_at is null limit $2) counted) as waiting,
         (select id from banyan_work where kind = $1 and dead_at is null order by id limit 1) as oldest`,
      [kind, MOST_COUNTED + 1],
    ),
    sql.query<Row>(
      `select dead_at is not null as dead, service || '.' || operation as operation, count(*)::int as count, max(attempts) as attempts,
         (array_agg(error order by attempts desc, id desc))[1] as error
       from (select * from banyan_work where kind = $1 and error is not null limit $2) failed group by 1, 2 order by count desc, operation`,
      [kind, MOST_COUNTED],
    ),
  ])
  const { waiting, oldest } = counts[0]!
  const of = (dead: boolean) => troubles.filter((row) => row.dead === dead).map(({ dead: _, ...trouble }) => trouble)
  return { waiting, oldestMs: oldest === null ? 0 : Math.max(0, now.getTime() - (timeOf(oldest) ?? now.getTime())), failing: of(false), dead: of(true) }
}
