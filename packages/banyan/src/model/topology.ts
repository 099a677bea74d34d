import type { EdgeOptions } from './edge.ts'
import type { LimitsSetting } from './limit.ts'
import type { RedisSetting } from './redis-setting.ts'
import type { RegistrySetting } from './registry-setting.ts'
import type { Setting } from './setting.ts'

/** A process, or several alike, and the services that run in it. */
export interface UnitOptions<Name extends string, Unit extends string = string> {
  services: readonly Name[]
  /** How it calls other units, by their names: `calls: { stock: { attempts: 2 } }`. As usual where nothing is said. */
  calls?: { readonly [Other in Unit]?: EdgeOptions } | undefined
  /**
   * Where other units reach it: `http://sales.internal:3000`, or several addresses with commas between them, one for each replica. Not needed
   * where units announce themselves: then it is what each announces, instead of the address that it listens on.
   */
  url?: Setting | undefined
  /** How many processes alike there are: what `banyan dev` starts. 1 unless said. */
  replicas?: number | undefined
  /** PostgreSQL connections of one process of this unit, over all its services. 20 unless said. */
  connections?: number | undefined
}
export interface TopologyOptions<Name extends string, Unit extends string = string> {
  // NoInfer: units are named by the keys here alone, so that a misspelt one in `calls` does not compile
  units: { readonly [Own in Unit]: readonly Name[] | UnitOptions<Name, NoInfer<Unit>> }
  /** A PostgreSQL address; without one, or where the variable is not set under `banyan dev`, the embedded server. */
  database?: Setting
  /**
   * How units find each other. Unless said: by the addresses where every unit has one, else by leases in the database (`'postgres'`), so that
   * nothing needs to be said.
   */
  registry?: RegistrySetting
  /** Where what is cached is kept beside memory, and how processes hear what is old: `redis(env('REDIS_URL'))`. */
  cache?: RedisSetting
  /** Where the sessions of people who log in with `oidc` are kept; in the database unless said. */
  sessions?: RedisSetting
  /** Where a process runs: its zone, rack or host. Calls stay in a zone while it has enough healthy instances. BANYAN_ZONE unless said. */
  zone?: Setting
  /** Where limits are counted, for all processes together; unless said, each process counts for itself. */
  limits?: RedisSetting
  /** What has a limit while that is away: `open`, unless said, lets each process count for itself; `closed` refuses it. */
  whenAway?: LimitsSetting['whenAway']
  /** Accepts a server whose fsync or full_page_writes is off: where losing data is fine, or the storage is durable by itself. */
  unsafe?: boolean
}
/** Which services run together. */
export interface Topology<Name extends string = string> {
  readonly kind: 'topology'
  /** `undefined`: one unit with every service. */
  readonly units: Readonly<Record<string, UnitOptions<Name>>> | undefined
  readonly database: Setting | undefined
  readonly registry?: RegistrySetting | undefined
  readonly cache?: RedisSetting | undefined
  readonly sessions?: RedisSetting | undefined
  readonly zone?: Setting | undefined
  readonly limits?: LimitsSetting | undefined
  readonly connections?: number | undefined
  readonly unsafe: boolean
}

export interface SingleOptions extends Pick<TopologyOptions<never>, 'database' | 'cache' | 'sessions' | 'limits' | 'whenAway' | 'unsafe'> {
  connections?: number
}

/** One process with every service: the default. */
export function single(options: SingleOptions = {}): Topology<never> {
  const { database, cache, sessions, connections, limits, whenAway, unsafe = false } = options
  return {
    kind: 'topology',
    units: undefined,
    database,
    cache,
    sessions,
    limits: limits && { store: limits, whenAway },
    unsafe,
    ...(connections === undefined ? {} : { connections }),
  }
}

/** Several units. Every service of the app stands in exactly one. */
export function topology<const Name extends string, const Unit extends string>(options: TopologyOptions<Name, Unit>): Topology<Name> {
  const units = Object.entries<readonly Name[] | UnitOptions<Name>>(options.units).map(
    ([name, unit]) => [name, 'services' in unit ? unit : { services: unit }] as const,
  )
  const { limits, whenAway, unsafe = false, database, registry, cache, sessions, zone } = options
  const places = { database, registry, cache, sessions, zone, limits: limits && { store: limits, whenAway } }
  return { kind: 'topology', units: Object.fromEntries(units), ...places, unsafe }
}
