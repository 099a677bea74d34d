import type pg from 'pg'
import type { ServiceDatabase } from '../store/service-database.ts'
import { isConnectionFailure, sqlError } from '../store/sql-errors.ts'
import { tenantSetting } from '../store/tenant.ts'

/** A transaction on a pooled connection: ended exactly once, and the connection goes back, or away where it broke. */
export class SqlTransaction {
  readonly client: pg.PoolClient
  #ended = false

  private constructor(client: pg.PoolClient) {
    this.client = client
  }

  /** With a tenant, for that one alone. */
  static async begin(database: ServiceDatabase, tenant?: string): Promise<SqlTransaction> {
    let client: pg.PoolClient | undefined
    try {
      client = await database.pool.connect()
      await client.query(tenant === undefined ? 'begin' : `begin; ${tenantSetting(tenant)}`)
      return new SqlTransaction(client)
    } catch (error) {
      client?.release(true)
      throw sqlError(error)
    }
  }

  /** Throws what `sqlError` makes of a failure; a broken connection during COMMIT leaves the outcome unknown. */
  async commit(): Promise<void> {
    await this.#end('commit')
  }

  /** Never throws: a connection that cannot roll back is closed, which rolls back. */
  async rollback(): Promise<void> {
    if (this.#ended) return
    try {
      await this.#end('rollback')
    } catch {
      // the connection is gone, and the transaction with it
    }
  }

  async #end(how: 'commit' | 'rollback'): Promise<void> {
    this.#ended = true
    try {
      this.client.release(await this.#endsOnStandby(how))
    } catch (error) {
      this.client.release(true)
      throw sqlError(error)
    }
  }

  /** Ends it. Answers whether the server takes no writes any more, which is asked where something went wrong: such a connection is of no use. */
  async #endsOnStandby(how: 'commit' | 'rollback'): Promise<boolean> {
    if (how === 'commit' || this.client.getTransactionStatus() !== 'E') {
      await this.client.query(how)
      return false
    }
    // two statements, two results
    const results = (await this.client.query('rollback; show transaction_read_only')) as unknown as [unknown, pg.QueryResult<{ transaction_read_only: string }>]
    return results[1].rows[0]?.transaction_read_only === 'on'
  }
}

/** Runs `work` in a transaction: commits what it did, or rolls back and throws what it threw. */
export async function inTransaction<T>(database: ServiceDatabase, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const transaction = await SqlTransaction.begin(database)
  try {
    const result = await work(transaction.client)
    await transaction.commit()
    return result
  } catch (error) {
    await transaction.rollback()
    throw sqlError(error)
  }
}

/** Whether nobody can tell from the failure alone if the COMMIT happened. */
export function leavesUnknown(error: unknown): boolean {
  return isConnectionFailure(error)
}
