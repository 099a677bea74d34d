import pg from 'pg'
import { authority } from '../kernel/authority.ts'
import { BanyanError } from '../kernel/errors.ts'

/** Where a server is and who one is there. */
export interface Login {
  /** Host name, address, or the directory of a unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** Absent where the server trusts the connection. */
  readonly password?: string
  readonly ssl: pg.ClientConfig['ssl']
}

/**
 * The login that a `postgres://` address names; what it leaves out comes from the PG* environment variables, as with psql.
 * Throws `invalid_configuration`, without the address in the message, since it may hold a password.
 */
export function loginOf(url: string): Login {
  if (url === '') throw invalidAddress('it is empty, which is not the same as unset')
  if (!/^postgres(ql)?:\/\//.test(url)) throw invalidAddress('it does not begin with postgres:// or postgresql://')
  let client: pg.Client
  try {
    client = new pg.Client({ connectionString: url })
  } catch {
    // the original error quotes the whole address, so it is not kept as the cause
    throw invalidAddress('it cannot be read as an address')
  }
  const { host, port, user, database, password, ssl } = client
  if (!user || !database) throw invalidAddress('it names no user')
  return { host, port, user, database, ssl, ...(password ? { password } : {}) }
}

/** The address as it may appear in messages: never with the password. */
export function addressOf(login: Login): string {
  const place = login.host.startsWith('/') ? login.host : authority(login.host, login.port)
  return `${login.user}@${place}/${login.database}`
}

/** The same login as a `postgres://` address, password included: for tools such as psql, never for messages. */
export function urlOf(login: Login): string {
  const { user, password, host, port, database } = login
  const person = encodeURIComponent(user) + (password === undefined ? '' : `:${encodeURIComponent(password)}`)
  if (host.startsWith('/')) return `postgresql://${person}@/${encodeURIComponent(database)}?host=${encodeURIComponent(host)}&port=${port}`
  return `postgresql://${person}@${authority(host, port)}/${encodeURIComponent(database)}`
}

/** What node-postgres is told for every connection: nothing in it is session state, so it also holds through PgBouncer. */
export function clientConfig(login: Login, name: string): pg.ClientConfig {
  return { ...login, application_name: name, keepAlive: true, keepAliveInitialDelayMillis: 10_000, connectionTimeoutMillis: 10_000 }
}

function invalidAddress(why: string): BanyanError {
  return new BanyanError(
    'invalid_configuration',
    `DATABASE_URL is not the address of a PostgreSQL server: ${why}; write postgres://user:password@host:5432/database`,
  )
}
