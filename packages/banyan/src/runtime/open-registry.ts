import { BanyanError } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import type { DnsNames } from '../model/registry-setting.ts'
import { consulRegistry } from '../network/discovery/consul-registry.ts'
import { dnsRegistry, type DnsName } from '../network/discovery/dns-registry.ts'
import { postgresRegistry } from '../network/discovery/postgres-registry.ts'
import type { Registry } from '../network/discovery/registry.ts'
import { staticRegistry } from '../network/discovery/static-registry.ts'
import { originOf } from '../network/http/client.ts'
import type { Sql } from '../store/sql.ts'
import type { Placement } from './placement.ts'

/** How long an instance that was killed stays listed; its callers leave it out sooner, after a few calls that fail. */
const LEASE_MS = 6_000

export interface RegistryParts {
  readonly app: string
  readonly placement: Pick<Placement, 'topology' | 'peers' | 'registry'>
  /** The database that leases are kept in. */
  readonly sql: Sql
  readonly log: Log
}

/** The registry of a unit; units whose addresses are said are found there whatever the registry says. */
export function openRegistry(parts: RegistryParts): Registry {
  const { addresses } = parts.placement.registry
  const said = staticRegistry(Object.fromEntries(Object.entries(addresses).map(([unit, urls]) => [unit, urls.map(originOf)])))
  if (parts.placement.registry.use.kind === 'static') return complete(said, parts.placement)
  const asked = driver(parts)
  return {
    settleMs: asked.settleMs,
    announce: (instance) => asked.announce(instance),
    watch: (unit, changed) => (Object.hasOwn(addresses, unit) ? said : asked).watch(unit, changed),
    async [Symbol.asyncDispose]() {
      await Promise.all([said[Symbol.asyncDispose](), asked[Symbol.asyncDispose]()])
    },
  }
}

function driver({ app, placement: { registry, peers }, sql, log }: RegistryParts): Registry {
  const { use } = registry
  if (use.kind === 'consul') return consulRegistry({ app, url: use.url, token: use.token, leaseMs: LEASE_MS, log })
  if (use.kind !== 'dns') return postgresRegistry({ app, sql, leaseMs: LEASE_MS, log })
  const units = Object.fromEntries(peers.map(({ unit }) => [unit, nameOf(use.names, unit)]))
  return dnsRegistry({ units, ...(use.servers && { servers: use.servers }), log })
}

function nameOf(names: DnsNames, unit: string): DnsName {
  const filled = (pattern: string): string => pattern.replaceAll('{unit}', unit)
  return 'srv' in names ? { srv: filled(names.srv) } : { host: filled(names.host), port: names.port }
}

/** Throws `invalid_configuration` where a unit has no address and nobody is to be asked for one. */
function complete(registry: Registry, { topology, peers }: RegistryParts['placement']): Registry {
  const missing = peers.find(({ urls }) => urls.length === 0)
  if (!missing) return registry
  throw new BanyanError(
    'invalid_configuration',
    `the registry of topology '${topology}' is 'static', and unit '${missing.unit}' has no address; give it a url in the topology, or its address in BANYAN_ADDRESSES, or leave \`registry\` out to have units announce themselves`,
  )
}
