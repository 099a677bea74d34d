import type { Duration } from '../kernel/duration.ts'
import type { Operation } from './operation.ts'
import { env, type Setting } from './setting.ts'

/** A query without input that answers a JSON Web Key Set (RFC 7517), by which a service of the app is its own issuer. */
export type KeySetQuery = Operation<string, string, 'query', void, { readonly keys: readonly object[] }, {}>

/** How tokens of callers are checked. `banyan dev` adds an issuer of its own. */
export interface JwtOptions {
  readonly issuer: string
  readonly audience: string
  /** The issuer's JSON Web Key Set: its address, or a query of one of the app's own contracts, asked wherever that service runs. */
  readonly jwks: Setting | KeySetQuery
  /** Claims of a token that rules may look at, as `identity.attributes`; subject, roles, tenant and scope are always read. */
  readonly claims?: readonly string[]
}
export interface Jwt extends JwtOptions {
  readonly kind: 'jwt'
}

/** Access tokens of one issuer (RFC 7519, RFC 9068). */
export function jwt(options: JwtOptions): Jwt {
  return { kind: 'jwt', ...options }
}

/** Keys for programs. `banyan keys` makes, lists, rotates and revokes them. */
export interface ApiKeys {
  readonly kind: 'api-keys'
  readonly prefix: string
}

/**
 * API keys, `prefix_id_secret`, as bearer tokens or in `X-Api-Key`. A key's scopes are those of whoever shows it, `access: scope('catalog:read')`; it
 * has roles only where it was given some.
 * `prefix` tells keys of this app from others, to people and to those who scan code for leaks; `key` unless said.
 */
export function apiKeys({ prefix = 'key' }: { prefix?: string } = {}): ApiKeys {
  return { kind: 'api-keys', prefix }
}

/** Who a person is to the app, from what the provider says of them. */
export interface Person {
  readonly subject: string
  readonly roles?: readonly string[]
  /** `default` unless said. */
  readonly tenant?: string
}

export interface SessionOptions {
  /** How long a session lasts that is not used; 30 minutes unless said. */
  readonly idle?: Duration
  /** How long a session lasts at most, however it is used; 12 hours unless said. */
  readonly lasting?: Duration
}

export interface OidcOptions {
  /** The provider's issuer identifier: an https address, below which `/.well-known/openid-configuration` lies. */
  readonly issuer: Setting
  readonly clientId: Setting
  /** None for a public client. */
  readonly clientSecret?: Setting
  /** Where browsers reach the app: `https://shop.example`. BANYAN_PUBLIC_URL unless said; where neither is, the address that a request was made at. */
  readonly url?: Setting
  /** `openid profile email` unless said. */
  readonly scopes?: readonly string[]
  /** Who somebody is by the claims of the ID token; `sub`, and `roles` and `tenant` where they are there, unless said. */
  readonly person?: (claims: Readonly<Record<string, unknown>>) => Person
  readonly sessions?: SessionOptions
}

/** Log-in of people in browsers. */
export interface Oidc extends OidcOptions {
  readonly kind: 'oidc'
  readonly url: Setting
}

/**
 * Log-in by an OpenID Connect provider, with the authorization code flow and PKCE (RFC 7636, RFC 9700). Adds `/auth/login`, `/auth/callback`,
 * `/auth/logout`, `/auth/session` and `/auth/sessions`; who has logged in has a session, named by a cookie.
 */
export function oidc(options: OidcOptions): Oidc {
  return { ...options, kind: 'oidc', url: options.url ?? env('BANYAN_PUBLIC_URL') }
}

/** One way by which callers say who they are. */
export type AuthWay = Jwt | ApiKeys | Oidc
/** Options of one issuer, a way, or several: whichever fits what a request carries is used. */
export type AuthOptions = JwtOptions | AuthWay | readonly AuthWay[]

/** The ways of an app, whichever form they were declared in. */
export function waysOf(auth: AuthOptions | undefined): readonly AuthWay[] {
  if (auth === undefined) return []
  if (isList(auth)) return auth
  return ['kind' in auth ? auth : jwt(auth)]
}

function isList(auth: AuthOptions): auth is readonly AuthWay[] {
  return Array.isArray(auth)
}
