import { BanyanError } from '../kernel/errors.ts'
import type { Dns } from '../model/registry-setting.ts'
import type { Topology } from '../model/topology.ts'
import { setting, urlsOf, type Environment } from './settings.ts'

export type RegistryKind =
  | { readonly kind: 'postgres' | 'static' }
  | Dns
  | { readonly kind: 'consul'; readonly url: string; readonly token: string | undefined }

/** How a unit is found and finds the others, with its settings read. */
export interface RegistryPlan {
  readonly use: RegistryKind
  /** Units whose addresses are said; no registry is asked about them. */
  readonly addresses: Readonly<Record<string, readonly string[]>>
  /** What this process announces instead of the address that it listens on. */
  readonly url: string | undefined
  readonly zone: string | undefined
  readonly weight: number | undefined
}

/**
 * The plan of unit `own`, or of an onlooker. BANYAN_REGISTRY (`postgres` or `static`) goes before the topology; where neither says anything, addresses count if
 * every unit has one, so that all units decide alike. Throws `invalid_configuration` for variables that are not what they should be.
 */
export function registryOf(topology: Topology, own: string | undefined, names: readonly string[], environment: Environment): RegistryPlan {
  const { variables, addresses } = environment
  const declared = (name: string) => setting(topology.units?.[name]?.url, environment)
  const others = names.filter((name) => name !== own)
  const allSaid = names.every((name) => addresses[name] !== undefined || declared(name) !== undefined)
  const said = forced(variables['BANYAN_REGISTRY']) ?? topology.registry ?? (allSaid || names.length === 1 ? 'static' : 'postgres')
  const use = kindOf(said, environment)
  const known = others.flatMap((name) => {
    const urls = urlsOf(addresses[name] ?? (use.kind === 'static' ? declared(name) : undefined))
    return urls.length === 0 ? [] : [[name, urls] as const]
  })
  const ownUrls = own === undefined ? [] : urlsOf(declared(own))
  return {
    use,
    addresses: Object.fromEntries(known),
    // of several addresses only the environment can say which one is this process's
    url: variables['BANYAN_URL'] ?? (ownUrls.length === 1 ? ownUrls[0] : undefined),
    zone: setting(topology.zone, environment) ?? variables['BANYAN_ZONE'],
    weight: weightOf(variables['BANYAN_WEIGHT']),
  }
}

function forced(variable: string | undefined): 'postgres' | 'static' | undefined {
  if (variable === undefined || variable === '' || variable === 'postgres' || variable === 'static') return variable === '' ? undefined : variable
  throw new BanyanError(
    'invalid_configuration',
    `BANYAN_REGISTRY is '${variable}'; it is postgres or static, and for DNS or Consul the topology says \`registry: dns(…)\` or \`consul(…)\``,
  )
}

function kindOf(said: NonNullable<Topology['registry']>, environment: Environment): RegistryKind {
  if (said === 'postgres' || said === 'static') return { kind: said }
  if (said.kind === 'dns') return said
  const url = setting(said.url, environment)
  if (url === undefined)
    throw new BanyanError('invalid_configuration', 'the address of Consul is not set; set the environment variable that `consul({ url })` names')
  // Consul's own programs take `host:port` as well
  const full = url.includes('://') ? url : `http://${url}`
  if (!URL.canParse(full)) throw new BanyanError('invalid_configuration', `the address of Consul is '${url}'; it has the form http://127.0.0.1:8500`)
  return { kind: 'consul', url: full, token: setting(said.token, environment) }
}

function weightOf(variable: string | undefined): number | undefined {
  if (variable === undefined || variable === '') return undefined
  const weight = Number(variable)
  if (weight > 0 && weight < Infinity) return weight
  throw new BanyanError('invalid_configuration', `BANYAN_WEIGHT is '${variable}'; it is a number above 0, such as 2 for twice the requests of others`)
}
