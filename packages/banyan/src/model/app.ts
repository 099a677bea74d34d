import { waysOf, type AuthOptions, type AuthWay } from './auth.ts'
import type { AnyContract, ServiceName } from './contract.ts'
import type { Problem } from './problem.ts'
import type { Service } from './service.ts'
import { single, type Topology } from './topology.ts'

export interface Module<C> {
  readonly default: Service<C>
}
export type Lazy<C> = () => Promise<Module<C>>

/** Where proxies say whom they ask for. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded'
/** `common` and `combined`: as Apache httpd writes them; `json`: one object a line. */
export type AccessLogForm = 'common' | 'combined' | 'json'
/** By role, the roles that whoever has it has as well. */
export type RoleTree = Readonly<Record<string, readonly string[]>>
/** Routes to servers that know nothing of the app: an old system behind the same door. */
export interface AppGateway {
  /** The gateway file: `import.meta.resolve('./gateway.yaml')`. Every unit serves its routes, after those of operations; it is read again when it changes. */
  readonly file: string
}
export interface HttpOptions {
  /** Bytes of a request body; 1 MiB unless said. */
  bodyLimit?: number
  /** A directory, such as `import.meta.resolve('./front')`, whose files every unit serves below `/`. Routes of operations go before files. */
  pages?: string
  /** The Content-Security-Policy of these files; only what comes from the app itself unless said. */
  contentSecurityPolicy?: string
  /**
   * Proxies in front of the app, by address or network (`10.0.0.0/8`, or loopback, linklocal, private): what they say of whom they ask for is
   * believed. Nobody unless said: the address of a request is that of its connection.
   */
  trustedProxies?: readonly string[]
  /** The header in which they say it; only this one is read. `x-forwarded-for` unless said. */
  forwardedHeader?: ForwardedHeader
  /** Whether the page `/reference` shows the operations and lets them be tried; in development unless said. */
  reference?: boolean
  /** A line on standard output for each request from outside, in this form; none unless said. BANYAN_ACCESS_LOG, which may also be `none`, goes before it. */
  accessLog?: AccessLogForm
}

type Named<C extends AnyContract, Key> = ServiceName<C> extends Key ? unknown : Problem<`this is service '${ServiceName<C>}': list it under that name`>

export interface AppOptions<Contracts extends Record<string, AnyContract>> {
  services: { readonly [K in keyof Contracts]: Lazy<Contracts[K]> & Named<Contracts[K], K> }
  /** How callers say who they are: by tokens of an issuer, or a list of `jwt(…)`, `apiKeys(…)` and `oidc(…)`. */
  auth?: AuthOptions
  /** Which roles include others: `{ admin: ['clerk'] }` lets an admin do what a clerk may. */
  roles?: RoleTree
  http?: HttpOptions
  gateway?: AppGateway | undefined
  topologies?: Readonly<Record<string, Topology<keyof Contracts & string>>> | undefined
}

/** Everything that belongs together, and how it may be divided. */
export interface App<Contracts = unknown> {
  readonly kind: 'app'
  readonly name: string
  readonly services: Readonly<Record<string, Lazy<AnyContract>>>
  readonly auth: readonly AuthWay[]
  readonly roles?: RoleTree
  readonly http: HttpOptions
  readonly gateway?: AppGateway | undefined
  readonly topologies: Readonly<Record<string, Topology>>
  readonly '~contracts': Contracts
}

/**
 * Declares an app: the default export of `banyan.config.ts`. Services are loaded when it starts; then *all* mistakes are reported at once
 * (`invalid_app`), each naming both sides.
 */
export function app<Contracts extends Record<string, AnyContract>>(name: string, options: AppOptions<Contracts>): App<Contracts> {
  const { services, auth, roles = {}, http = {}, gateway, topologies = {} } = options
  return { kind: 'app', name, services, auth: waysOf(auth), roles, http, gateway, topologies: { one: single(), ...topologies } } as unknown as App<Contracts>
}
