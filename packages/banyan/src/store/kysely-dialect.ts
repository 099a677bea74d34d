import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { BanyanError } from '../kernel/errors.ts'
import type { Sql } from './sql.ts'

/** Kysely's PostgreSQL dialect with another way to the server. */
export function postgresDialect(driver: Driver): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

/** Sends every query through `sql`, which belongs to the caller: nothing is opened, begun or closed here. */
export function borrowedDriver(sql: Sql): Driver {
  const connection: DatabaseConnection = {
    executeQuery: async <R>(query: CompiledQuery) => resultOf<R>(query, await sql.query(query.sql, [...query.parameters])),
    streamQuery: () => noStream(),
  }
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: nested,
    commitTransaction: nested,
    rollbackTransaction: nested,
    releaseConnection: async () => {},
    destroy: async () => {},
  }
}

async function nested(): Promise<never> {
  throw new BanyanError('invalid_transaction', 'a transaction was begun within a transaction; the one that is open already holds all statements')
}

const writes = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode', 'MergeQueryNode'])

export function resultOf<R>(query: CompiledQuery, result: { rows: unknown[]; rowCount: number | null }): QueryResult<R> {
  const rows = result.rows as R[]
  return writes.has(query.query.kind) ? { rows, numAffectedRows: BigInt(result.rowCount ?? 0) } : { rows }
}

export function noStream(): never {
  throw new BanyanError(
    'invalid_transaction',
    'stream() would hold a connection between its rows and is not offered; read page by page, each after the last key of the one before',
  )
}
