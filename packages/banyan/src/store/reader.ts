import { Kysely, type CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, type TransactionSettings } from 'kysely'
import type pg from 'pg'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { noStream, postgresDialect, resultOf } from './kysely-dialect.ts'
import { isPlainSelect } from './plain-select.ts'
import { isConnectionFailure, sqlError, takesNoWrites } from './sql-errors.ts'
import { tenantSetting } from './tenant.ts'

/**
 * A Kysely that only reads. What is seen to be a plain SELECT goes straight to the pool; whatever else could read (raw SQL, functions)
 * runs in a READ ONLY transaction that is rolled back, so the database itself refuses a write; what can only write is refused
 * here. With a tenant everything is read in a transaction that is told it. Throws `read_only`, and what `sqlError` makes of the rest.
 */
export function readerOf<Tables>(pool: pg.Pool, schema: string, tenant?: string): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: postgresDialect(new ReaderDriver(pool, tenant)) }).withSchema(schema)
}

// a query right after BEGIN, since before the first one a transaction could still be made READ WRITE
const begin = (isolation: string, tenant: string | undefined): string =>
  `begin transaction ${isolation} read only; ${tenant === undefined ? 'select' : tenantSetting(tenant)}`

class ReaderDriver implements Driver {
  readonly #pool: pg.Pool
  readonly #tenant: string | undefined

  constructor(pool: pg.Pool, tenant: string | undefined) {
    this.#pool = pool
    this.#tenant = tenant
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ReaderConnection> {
    return new ReaderConnection(this.#pool, this.#tenant)
  }

  async beginTransaction(connection: ReaderConnection, settings: TransactionSettings): Promise<void> {
    if (settings.accessMode === 'read write') throw refused('a read write transaction')
    await connection.begin(settings.isolationLevel ? `isolation level ${settings.isolationLevel}` : '')
  }

  async commitTransaction(connection: ReaderConnection): Promise<void> {
    await connection.end()
  }

  async rollbackTransaction(connection: ReaderConnection): Promise<void> {
    await connection.end()
  }

  async releaseConnection(): Promise<void> {}

  // the pool belongs to the service's database
  async destroy(): Promise<void> {}
}

class ReaderConnection implements DatabaseConnection {
  readonly #pool: pg.Pool
  readonly #tenant: string | undefined
  #client: pg.PoolClient | undefined

  constructor(pool: pg.Pool, tenant: string | undefined) {
    this.#pool = pool
    this.#tenant = tenant
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { kind } = query.query
    if (kind !== 'SelectQueryNode' && kind !== 'RawNode') throw refused(`a statement that writes (${query.sql.slice(0, 60)})`)
    try {
      return resultOf<R>(query, await this.#send(query))
    } catch (error) {
      throw readerError(error)
    }
  }

  streamQuery(): never {
    return noStream()
  }

  async begin(isolation: string): Promise<void> {
    try {
      this.#client = await this.#pool.connect()
      await this.#client.query(begin(isolation, this.#tenant))
    } catch (error) {
      this.#release(error)
      throw readerError(error)
    }
  }

  /** Nothing was written, so a rollback ends it as well as a commit, and takes settings back that raw SQL may have changed. */
  async end(): Promise<void> {
    try {
      await this.#client?.query('rollback')
      this.#release()
    } catch (error) {
      this.#release(error)
      throw readerError(error)
    }
  }

  async #send(query: CompiledQuery): Promise<pg.QueryResult> {
    // the extended protocol takes one statement only, so none can hide behind a COMMIT
    const config = { text: query.sql, values: [...query.parameters], queryMode: 'extended' } as pg.QueryConfig
    if (this.#client) {
      if (this.#client.getTransactionStatus() === 'I') throw refused('a statement after the end of its transaction')
      return await this.#client.query(config)
    }
    if (this.#tenant === undefined && isPlainSelect(query.query)) return await this.#pool.query(config)
    await this.begin('')
    try {
      return await this.#client!.query(config)
    } finally {
      await this.end()
    }
  }

  #release(error?: unknown): void {
    this.#client?.release(error !== undefined && isConnectionFailure(error))
    this.#client = undefined
  }
}

/** What is refused here for writing would be refused by any server, so it is no failure of this one. */
function readerError(error: unknown): unknown {
  if (!takesNoWrites(error)) return sqlError(error)
  const options = { cause: error, executed: 'no', details: { sqlstate: '25006' } } as const
  return new BanyanError('read_only', `a statement that writes was sent through a reader; write inside \`transact\`: ${messageOf(error)}`, options)
}

function refused(what: string): BanyanError {
  return new BanyanError('read_only', `${what} was sent through a reader; write inside \`transact\``)
}
