import type pg from 'pg'
import { BanyanError } from '../kernel/errors.ts'
import { Lifecycle } from '../kernel/lifecycle.ts'
import { addressOf, clientConfig, loginOf, urlOf, type Login } from './address.ts'
import { connectClient } from './client.ts'
import { openEmbedded, type EmbeddedServer } from './embedded/embedded.ts'
import type { MigrationSet } from './migration.ts'
import { migrate, verifyMigrations, type AppliedMigration } from './migrate.ts'
import { serviceNames } from './names.ts'
import { openPool } from './pool.ts'
import { provision } from './provision.ts'
import { checkRequirements, serverFacts, versionText, type ServerFacts } from './requirements.ts'
import { rolePlan, serviceLogin, type Admin } from './roles.ts'
import { serviceDatabase, type ServiceDatabase } from './service-database.ts'
import { sqlError } from './sql-errors.ts'
import { crowdedError, withWayOut } from './way-out.ts'

export interface ServerOptions {
  readonly app: string
  /** A `postgres://` address; without one, the embedded server. */
  readonly url?: string | undefined
  /** Where the embedded server keeps its data, usually `<project>/.banyan`. */
  readonly dataDirectory: string
  /** How many connections the pools of this process may have together; 20 unless said. Each `connect()` is one more. */
  readonly connections?: number
  /** Accepts a server whose fsync or full_page_writes is off. */
  readonly unsafe?: boolean
  readonly log?: (message: string) => void
  readonly embedded?: {
    /** Milliseconds after which an embedded server that nobody uses, and nobody could stop, stops by itself; ten minutes unless said. */
    readonly stopAfter?: number
    /** Lets the server run until `stopAfter` when the last process leaves in order, for those who come again soon. */
    readonly linger?: boolean
    /** A unix socket, except on Windows: there TCP on this machine with a generated password. */
    readonly listening?: 'socket' | 'tcp'
  }
}

/**
 * The PostgreSQL server on which the services of an app have their databases. Disposing closes what was opened through it; the embedded
 * server is stopped by the last process that leaves it.
 */
export interface DatabaseServer extends AsyncDisposable {
  readonly app: string
  readonly embedded: boolean
  /** For messages: user, place and database, never the password. */
  readonly address: string
  /** For tools such as psql: with the password. */
  readonly url: string
  /** For example `18.4`. */
  readonly version: string
  readonly connections: number
  /** Connections as the server's user, for administration only; they close when idle. */
  readonly admin: pg.Pool
  /** SQL that a DBA may run instead of `provision`; may be run again. */
  plan(services: readonly string[]): string
  /** Makes the schemas and roles of the services where they are missing. Throws `database_roles` where it may not. */
  provision(services: readonly string[]): Promise<void>
  /** Applies what is missing of the sets, in their order; returns what was applied. Throws `migration_failed`, `migration_changed`. */
  migrate(service: string, sets: readonly MigrationSet[]): Promise<readonly AppliedMigration[]>
  /** Throws `migration_pending` or `migration_changed` unless the service's schema is what the sets say. */
  verify(service: string, sets: readonly MigrationSet[]): Promise<void>
  /** The service's database as its own role. Throws `database_budget` when the pools would exceed `connections`. */
  open(service: string, options: { readonly connections: number }): ServiceDatabase
  /** Resolves when the server answers; an embedded one is started again if it is gone. Throws `database_unreachable` or why it did not start. */
  revive(): Promise<void>
  /** The error as it is to be told: where the server has no connection left for us, with how many are needed and how many there are. */
  explain(error: unknown): Promise<unknown>
}

const CONNECTIONS = 20

const TEN_MINUTES = 600_000

/**
 * Opens the server at `url`, or the embedded one, and checks that it can carry the app. Throws `database_unreachable`,
 * `database_login_failed`, `database_missing`, `database_version`, `database_unsafe`, `database_budget`, and for the embedded server
 * `embedded_missing`, `embedded_version`, `embedded_failed` or `database_full`.
 */
export async function openServer(options: ServerOptions): Promise<DatabaseServer> {
  const found = options.url === undefined ? await embedded(options) : await external(options.url, options.connections ?? CONNECTIONS)
  try {
    checkRequirements(found.facts, found.address, { connections: options.connections ?? CONNECTIONS, unsafe: options.unsafe ?? false })
  } catch (error) {
    await found.embedded?.[Symbol.asyncDispose]()
    throw error
  }
  return server(options, found)
}

interface Found {
  readonly login: Login
  readonly facts: ServerFacts
  readonly address: string
  readonly embedded?: EmbeddedServer
}

async function embedded({ dataDirectory, embedded = {}, log = () => {} }: ServerOptions): Promise<Found> {
  const { stopAfter = TEN_MINUTES, linger = false, listening = process.platform === 'win32' ? 'tcp' : 'socket' } = embedded
  const opened = await openEmbedded({ dataDirectory, stopAfter, linger, listening, log })
  return { login: opened.login, facts: opened.facts, address: `the embedded server in ${opened.data}`, embedded: opened }
}

async function external(url: string, connections: number): Promise<Found> {
  const login = loginOf(url)
  const client = await connectClient(clientConfig(login, 'banyan')).catch((error: unknown) => {
    throw withWayOut(error, connections)
  })
  try {
    return { login, facts: await serverFacts(client), address: addressOf(login) }
  } finally {
    await client.end()
  }
}

function server(options: ServerOptions, { login, facts, address, embedded }: Found): DatabaseServer {
  const { app, connections = CONNECTIONS, log = () => {} } = options
  const admin: Admin = { user: facts.user, superuser: facts.superuser, ...(login.password === undefined ? {} : { password: login.password }) }
  const administration = openPool(clientConfig(login, 'banyan'), 4, log)
  const { pool } = administration
  const lifecycle = new Lifecycle()
  if (embedded) lifecycle.add('the embedded server', embedded)
  lifecycle.add('administration', administration)
  const names = (services: readonly string[]) => services.map((service) => serviceNames(app, service))
  let given = 0
  return {
    app,
    embedded: embedded !== undefined,
    address,
    url: urlOf(login),
    version: versionText(facts.version),
    connections,
    admin: pool,
    plan: (services) => rolePlan(names(services), admin),
    provision: (services) => provision(pool, login, admin, names(services)),
    migrate: (service, sets) => migrate(pool, serviceNames(app, service), sets),
    verify: (service, sets) => verifyMigrations(pool, serviceNames(app, service), sets),
    open(service, wanted) {
      if (given + wanted.connections > connections) throw overBudget(service, wanted.connections, given, connections)
      given += wanted.connections
      const own = serviceNames(app, service)
      const onClosed = (): void => void (given -= wanted.connections)
      return lifecycle.add(service, serviceDatabase({ app, names: own, login: serviceLogin(login, own.role), connections: wanted.connections, log, onClosed }))
    },
    explain: (error) => crowdedError(sqlError(error), { address, facts, connections, admin: pool }),
    revive: () => (embedded ? embedded.revive() : reach(login)),
    [Symbol.asyncDispose]: () => lifecycle[Symbol.asyncDispose](),
  }
}

async function reach(login: Login): Promise<void> {
  const client = await connectClient(clientConfig(login, 'banyan'))
  await client.end()
}

function overBudget(service: string, wanted: number, given: number, budget: number): BanyanError {
  return new BanyanError(
    'database_budget',
    `service '${service}' asks for ${wanted} connections where ${budget - given} of this process's ${budget} are left; raise \`connections\` or give each service fewer`,
  )
}
