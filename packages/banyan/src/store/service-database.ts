import { Kysely } from 'kysely'
import type pg from 'pg'
import { Lifecycle } from '../kernel/lifecycle.ts'
import { clientConfig, type Login } from './address.ts'
import { connectClient } from './client.ts'
import { borrowedDriver, postgresDialect } from './kysely-dialect.ts'
import type { ServiceNames } from './names.ts'
import { openPool } from './pool.ts'
import { repeating } from './prepared.ts'
import { readerOf } from './reader.ts'
import type { Sql } from './sql.ts'

/** The database of one service, as the service's own role: it reads and writes the rows of its schema and nothing else. */
export interface ServiceDatabase extends AsyncDisposable {
  readonly service: string
  readonly schema: string
  /** Opens connections as they are needed and closes those that idle. No session state may be left on them: no SET outside a transaction, no LISTEN, and named statements (`PreparedNames`) only where a connection is direct. */
  readonly pool: pg.Pool
  /** The pool, for the fixed statements of the framework that come all the time. */
  readonly repeated: Sql
  /**
   * A connection outside the pool, for one who keeps it. It is not reopened when it breaks: its `end` event tells, and the next
   * `connect()` reconnects. Closed with the database unless closed before.
   */
  connect(): Promise<pg.Client>
  /** Kysely over a connection, pool or transaction of the caller's, with tables taken from this schema. It begins no transaction by itself. */
  kysely<Tables>(sql: Sql): Kysely<Tables>
  /** Kysely that only reads: a statement that would write fails with `read_only`, whichever way it is written. With a tenant, for that one. */
  reader<Tables>(tenant?: string): Kysely<Tables>
}

export interface ServiceDatabaseOptions {
  readonly app: string
  readonly names: ServiceNames
  readonly login: Login
  /** Most connections of the pool. */
  readonly connections: number
  readonly log: (message: string) => void
  /** Called once when the database was closed. */
  readonly onClosed: () => void
}

export function serviceDatabase({ app, names, login, connections, log, onClosed }: ServiceDatabaseOptions): ServiceDatabase {
  const config = clientConfig(login, `${app}/${names.service}`)
  const opened = openPool(config, connections, (message) => log(`${names.service}: ${message}`))
  const { pool } = opened
  const kept = new Set<pg.Client>()
  const lifecycle = new Lifecycle()
  lifecycle.onStop('account', onClosed)
  lifecycle.add('pool', opened)
  lifecycle.onStop('clients', () => Promise.all([...kept].map((client) => client.end())))
  return {
    service: names.service,
    schema: names.schema,
    pool,
    repeated: repeating(pool),
    connect: async () => {
      const client = await connectClient(config)
      kept.add(client)
      client.once('end', () => kept.delete(client))
      return client
    },
    kysely: <Tables>(sql: Sql) => new Kysely<Tables>({ dialect: postgresDialect(borrowedDriver(sql)) }).withSchema(names.schema),
    reader: <Tables>(tenant?: string) => readerOf<Tables>(pool, names.schema, tenant),
    [Symbol.asyncDispose]: () => lifecycle[Symbol.asyncDispose](),
  }
}
