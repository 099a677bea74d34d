import { BanyanError } from '../kernel/errors.ts'
import type { App } from '../model/app.ts'
import type { EdgeOptions } from '../model/edge.ts'
import type { Topology } from '../model/topology.ts'
import { redisPlace, type RedisPlace } from './redis-place.ts'
import { registryOf, type RegistryPlan } from './registry-plan.ts'
import { setting, type Environment } from './settings.ts'

/** One unit of one topology, with its settings read. */
export interface Placement {
  readonly topology: string
  readonly unit: string
  readonly services: readonly string[]
  readonly peers: readonly Peer[]
  /** How this unit is found, and finds the others. */
  readonly registry: RegistryPlan
  readonly database: string | undefined
  readonly connections: number
  /** Where limits are counted for all processes together, with its address read; `undefined`: each process counts for itself. */
  readonly limits: LimitsPlan | undefined
  /** The Redis of the cache, where there is one. */
  readonly cache: RedisPlace | undefined
  /** The Redis that sessions of people are kept in, where there is one. */
  readonly sessions: RedisPlace | undefined
  /** How many processes alike there are to be. */
  readonly replicas: number
  /** Whether a server may be one that loses data in a power failure. */
  readonly unsafe: boolean
}

export interface LimitsPlan extends RedisPlace {
  readonly whenAway: 'open' | 'closed'
}

/** Another unit. */
export interface Peer {
  readonly unit: string
  readonly services: readonly string[]
  /** The addresses of its replicas where they are said and no registry is to be asked. */
  readonly urls: readonly string[]
  /** How it is called from here, as far as the topology says. */
  readonly edge: EdgeOptions | undefined
}

/** PostgreSQL connections of a unit of which nothing is said: so many, or more where it has many services. */
const DEFAULT_CONNECTIONS = 20
/** The least of one service: the group committer's, one for leases, and two for handlers. */
export const CONNECTIONS_OF_A_SERVICE = 4

/** Every unit of a topology, by name. */
export function unitsOf(app: App, topology: string): Readonly<Record<string, readonly string[]>> {
  const found = app.topologies[topology]
  if (!found) throw unknown(`app '${app.name}' has no topology '${topology}'`, 'topologies', Object.keys(app.topologies))
  if (!found.units) return { all: Object.keys(app.services) }
  return Object.fromEntries(Object.entries(found.units).map(([name, unit]) => [name, unit.services]))
}

/**
 * What the unit of a process is to run. `addresses` go before the urls of the topology and before its registry. Throws `invalid_topology`,
 * naming what exists.
 */
export function placementOf(app: App, topology: string, unit: string | undefined, environment: Environment): Placement {
  const units = unitsOf(app, topology)
  const names = Object.keys(units)
  const own = unit ?? (names.length === 1 ? names[0]! : undefined)
  if (own === undefined) throw unknown(`topology '${topology}' has several units and none was chosen`, 'units', names)
  const services = units[own]
  if (!services) throw unknown(`topology '${topology}' has no unit '${own}'`, 'units', names)
  const declared = app.topologies[topology]!
  return {
    topology,
    unit: own,
    services,
    ...surroundingsOf(app, topology, own, environment),
    database: setting(declared.database, environment) ?? environment.variables['DATABASE_URL'],
    connections: connectionsOf(own, services.length, declared.units?.[own]?.connections ?? declared.connections),
    limits: limitsOf(declared, environment),
    cache: declared.cache && redisPlace(declared.cache, environment),
    sessions: declared.sessions && redisPlace(declared.sessions, environment),
    replicas: replicasOf(app, topology)[own]!,
    unsafe: declared.unsafe,
  }
}

function limitsOf({ limits }: Topology, environment: Environment): LimitsPlan | undefined {
  if (!limits) return undefined
  const { store, whenAway = 'open' } = limits
  return { ...redisPlace(store, environment), whenAway }
}

/** How the units of a topology are found, by one of them or by an onlooker, who is none. */
export function surroundingsOf(app: App, topology: string, own: string | undefined, environment: Environment): Pick<Placement, 'peers' | 'registry'> {
  const units = Object.entries(unitsOf(app, topology))
  const names = units.map(([name]) => name)
  const registry = registryOf(app.topologies[topology]!, own, names, environment)
  const others = units.filter(([name]) => name !== own)
  const calls = own === undefined ? undefined : app.topologies[topology]!.units?.[own]?.calls
  return { registry, peers: others.map(([unit, services]) => ({ unit, services, urls: registry.addresses[unit] ?? [], edge: calls?.[unit] })) }
}

/** How many processes of each unit there are to be. Throws `invalid_topology` where that is no count. */
export function replicasOf(app: App, topology: string): Readonly<Record<string, number>> {
  const declared = app.topologies[topology]?.units ?? {}
  return Object.fromEntries(
    Object.keys(unitsOf(app, topology)).map((unit) => {
      const replicas = declared[unit]?.replicas ?? 1
      if (!Number.isInteger(replicas) || replicas < 1)
        throw new BanyanError('invalid_topology', `unit '${unit}' of topology '${topology}' has ${replicas} replicas; it is a whole number from 1`)
      return [unit, replicas]
    }),
  )
}

function connectionsOf(unit: string, services: number, said: number | undefined): number {
  const least = services * CONNECTIONS_OF_A_SERVICE
  if (said === undefined) return Math.max(DEFAULT_CONNECTIONS, least)
  if (said >= least) return said
  throw new BanyanError(
    'database_budget',
    `unit '${unit}' has ${services} services and ${said} connections; each service needs ${CONNECTIONS_OF_A_SERVICE}, so give it \`connections: ${least}\` or more`,
  )
}

function unknown(what: string, kind: string, names: readonly string[]): BanyanError {
  return new BanyanError('invalid_topology', `${what}; its ${kind} are ${names.join(', ')}`)
}
