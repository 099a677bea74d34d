import { sqlError, sqlState } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import { KEY_RETENTION } from './keys.ts'

export interface MonthsOptions {
  readonly now?: Date
  /** For how many days ahead partitions are made; 45 unless said. */
  readonly ahead?: number
  /** How long keys are kept, in milliseconds; 30 days unless said. */
  readonly retention?: number
}

const DAY = 86_400_000

/**
 * Makes the monthly partitions that keys, events and work will need, and drops those of keys past their retention. Two short
 * statements when there is nothing to do; call it at start and once a day or so. Where it is late or cannot run, rows go to the default
 * partitions and are taken over by the next run.
 *
 * `postponed`: a long statement holds a lock that it needs; nothing was changed, call it again later. Throws what `sqlError` makes of
 * other failures.
 */
export async function keepMonths(sql: Sql, options: MonthsOptions = {}): Promise<'kept' | 'postponed'> {
  const { now = new Date(), ahead = 45, retention = KEY_RETENTION } = options
  try {
    // keys may be as old as their retention
    await sql.query('select banyan_months($1, $2)', [new Date(now.getTime() - retention), new Date(now.getTime() + ahead * DAY)])
    await sql.query('select banyan_forget_keys($1)', [new Date(now.getTime() - retention - DAY)])
    return 'kept'
  } catch (error) {
    if (sqlState(error) === '55P03') return 'postponed'
    throw sqlError(error)
  }
}
