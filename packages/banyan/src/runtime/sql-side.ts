import type { Kysely } from 'kysely'
import type { RunSql } from '../model/context.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import { sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import type { SqlSide } from './unit-of-work.ts'

/** Plain SQL over a connection, with errors as the framework names them. */
export function rowsOf(sql: Sql): RunSql {
  return async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    try {
      return (await sql.query<Row>(text, [...values])).rows
    } catch (error) {
      throw sqlError(error)
    }
  }
}

/** SQL of a unit of work on a connection that is taken when the first statement needs it: units that only append never take one. */
export class LazySql implements SqlSide {
  readonly #database: ServiceDatabase
  readonly #open: () => Promise<Sql>
  #connection: Promise<Sql> | undefined
  #db: Kysely<never> | undefined

  constructor(database: ServiceDatabase, open: () => Promise<Sql>) {
    this.#database = database
    this.#open = open
  }

  get opened(): boolean {
    return this.#connection !== undefined
  }

  /** The connection if one was opened. */
  get connection(): Promise<Sql> | undefined {
    return this.#connection
  }

  get db(): Kysely<never> {
    this.#db ??= this.#database.kysely<never>(this.#sql)
    return this.#db
  }

  get query(): RunSql {
    return rowsOf(this.#sql)
  }

  readonly #sql: Sql = {
    query: async (text, values) => {
      this.#connection ??= this.#open()
      return (await this.#connection).query(text, values)
    },
  }
}
