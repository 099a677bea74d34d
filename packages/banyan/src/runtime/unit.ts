import { join } from 'node:path'
import { frameworkMigrations } from '../events/framework-migrations.ts'
import type { TieredCache } from '../cache/tiered-cache.ts'
import { Lifecycle } from '../kernel/lifecycle.ts'
import type { Log } from '../model/context.ts'
import type { ServiceFacts } from '../model/service.ts'
import { readMigrations, type MigrationSet } from '../store/migration.ts'
import { serviceNames } from '../store/names.ts'
import { openServer, type DatabaseServer } from '../store/server.ts'
import { checkTenants } from '../store/tenant.ts'
import { localBinding, type Directory } from './bindings.ts'
import type { LoadedApp } from './load.ts'
import type { OperationGates } from './open-limits.ts'
import type { Placement } from './placement.ts'
import { ServiceRuntime } from './service-runtime.ts'
import type { CacheStatus } from './unit-status.ts'

/** The migrations of a service: the framework's, then its own. */
export async function migrationsOf(facts: ServiceFacts): Promise<readonly MigrationSet[]> {
  const framework: MigrationSet = { name: 'banyan', migrations: frameworkMigrations, ahead: 1 }
  const directory = facts.store.migrations
  return directory === undefined ? [framework] : [framework, await readMigrations(directory, facts.contract['~contract'])]
}

export interface DatabaseOptions {
  readonly loaded: LoadedApp
  readonly placement: Placement
  /** The project's directory; the embedded server lives in its `.banyan`. */
  readonly directory: string
  readonly log: Log
  /** Lets an embedded server run on for a while after the last process has left. */
  readonly linger?: boolean
}

export function openDatabase({ loaded, placement, directory, log, linger = false }: DatabaseOptions): Promise<DatabaseServer> {
  return openServer({
    app: loaded.name,
    url: placement.database,
    dataDirectory: join(directory, '.banyan'),
    connections: placement.connections,
    unsafe: placement.unsafe,
    log: (message) => log.info(message),
    embedded: { linger },
  })
}

/** Makes schemas and roles, and applies what migrations are missing. */
export async function prepareDatabase(server: DatabaseServer, loaded: LoadedApp, services: readonly string[]): Promise<readonly AppliedTo[]> {
  await server.provision(services)
  const all = await Promise.all(
    services.map(async (service) => ({ service, applied: await server.migrate(service, await migrationsOf(loaded.services.get(service)!)) })),
  )
  await verifyTenants(server, loaded, services)
  return all
}
export interface AppliedTo {
  readonly service: string
  readonly applied: Awaited<ReturnType<DatabaseServer['migrate']>>
}

/** Throws `migration_pending`, `migration_changed` or `database_tenants` where the database is not what the code needs. */
export async function verifyDatabase(server: DatabaseServer, loaded: LoadedApp, services: readonly string[]): Promise<void> {
  await Promise.all(services.map(async (service) => server.verify(service, await migrationsOf(loaded.services.get(service)!))))
  await verifyTenants(server, loaded, services)
}

async function verifyTenants(server: DatabaseServer, loaded: LoadedApp, services: readonly string[]): Promise<void> {
  const separated = services.filter((service) => loaded.services.get(service)!.store.tenants)
  await Promise.all(separated.map((service) => checkTenants(server.admin, serviceNames(server.app, service))))
}

/** Connections of a service besides its pool: the group committer's, and one for leases, which must beat also when handlers have taken all others. */
const KEPT = 2

export interface UnitParts {
  readonly loaded: LoadedApp
  readonly placement: Placement
  readonly server: DatabaseServer
  /** Where the services of other units are found; those of this one are added. */
  readonly directory: Directory
  readonly cache: TieredCache
  readonly limits: OperationGates['services']
  readonly log: (service: string) => Log
}

/** The services of one unit, running in this process. */
export class UnitRuntime implements AsyncDisposable {
  readonly services: ReadonlyMap<string, ServiceRuntime>
  readonly directory: Directory
  /** Connections of each service's pool. */
  readonly poolSize: number
  readonly #cache: TieredCache
  readonly #lifecycle = new Lifecycle()

  constructor({ loaded, placement, server, directory, cache, limits, log }: UnitParts) {
    this.directory = directory
    this.#cache = cache
    this.poolSize = Math.floor(placement.connections / placement.services.length) - KEPT
    this.services = new Map(
      placement.services.map((name) => {
        const database = server.open(name, { connections: this.poolSize })
        const leases = server.open(name, { connections: 1 })
        const facts = loaded.services.get(name)!
        const service = this.#lifecycle.add(name, new ServiceRuntime({ facts, database, leases, directory, cache, limits, log: log(name), loaded }))
        directory.host(name, localBinding(service.operations), service.feed)
        return [name, service] as const
      }),
    )
  }

  /** Makes the databases ready to be written to; before the first command. */
  async open(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.open()))
  }

  get cache(): CacheStatus {
    const { memory, shared } = this.#cache
    const groups = [...this.services].flatMap(([service, { caches }]) => [...caches].map(([what, group]) => [`${service}${what}`, group.statistics] as const))
    return { memory, redis: shared, of: Object.fromEntries(groups.filter(([, { asked }]) => asked > 0)) }
  }

  /** Begins to react, project and deliver; peers must be in the directory by now. `place`: the address that no other process has now. */
  async listen(place: string): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.listen(place)))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifecycle[Symbol.asyncDispose]()
  }
}
