import { env, type Setting } from './setting.ts'

/**
 * How units find each other's instances. `'postgres'`: by leases in the app's database, where every instance announces itself; nothing else
 * to run. `'static'`: by the addresses that the topology or BANYAN_ADDRESSES says. `dns(…)` and `consul(…)`: by what the platform has.
 */
export type RegistrySetting = 'postgres' | 'static' | Dns | Consul

/** Where DNS has the instances of a unit; `{unit}` stands for the unit's name. SRV records carry the port, others do not. */
export type DnsNames = { readonly host: string; readonly port: number } | { readonly srv: string }

export interface Dns {
  readonly kind: 'dns'
  readonly names: DnsNames
  readonly servers: readonly string[] | undefined
}

/**
 * `dns({ host: '{unit}.shop.svc.cluster.local', port: 3000 })`, `dns({ srv: '_http._tcp.{unit}.shop.internal' })`: every address is an
 * instance, as with headless services of Kubernetes, which also say when one has left. `servers`: name servers as `address:port`; those of
 * the machine unless said.
 */
export function dns(names: DnsNames, { servers }: { servers?: readonly string[] } = {}): Dns {
  return { kind: 'dns', names, servers }
}

export interface Consul {
  readonly kind: 'consul'
  readonly url: Setting
  readonly token: Setting | undefined
}

/** Consul's agent on this machine: at CONSUL_HTTP_ADDR, or 127.0.0.1:8500, with the ACL token in CONSUL_HTTP_TOKEN, unless said otherwise. */
export function consul({ url, token }: { url?: Setting; token?: Setting } = {}): Consul {
  return { kind: 'consul', url: url ?? env('CONSUL_HTTP_ADDR', 'http://127.0.0.1:8500'), token: token ?? env('CONSUL_HTTP_TOKEN') }
}
