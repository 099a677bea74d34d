import type { IncomingHttpHeaders } from 'node:http'
import type { JSONWebKeySet } from 'jose'
import { BanyanError } from '../kernel/errors.ts'
import type { Identity } from '../model/access.ts'
import type { App, JwtOptions, KeySetQuery } from '../model/app.ts'
import type { ExtraRoute } from '../network/http/options.ts'
import { askedKeySet } from '../security/asked-key-set.ts'
import { developmentIssuer, type DevelopmentIssuer } from '../security/development-issuer.ts'
import { anonymousIdentity, type IdentityFields } from '../security/identity.ts'
import { inheriting } from '../security/inherited-roles.ts'
import { jwtVerifier, type JwtVerifierOptions, type TokenVerifier } from '../security/tokens.ts'
import { setting } from './settings.ts'

/** How a unit knows who a request is made for. */
export interface Authentication {
  authenticate(headers: IncomingHttpHeaders): Identity | Promise<Identity>
  /** In development: tokens for whoever asks. */
  readonly issue: ((who: IdentityFields) => Promise<string>) | undefined
  readonly routes: readonly ExtraRoute[]
}

/** Asks a service of the app for the keys that it signs with. */
export type AskKeys = (query: KeySetQuery) => Promise<unknown>

export interface AuthenticationOptions {
  readonly app: Pick<App, 'name' | 'auth' | 'roles'>
  /** In development: where the key of an issuer of our own is kept. */
  readonly directory: string | undefined
  readonly ask: AskKeys
}

/** Tokens of the app's issuer, and in development those of an issuer of our own. */
export async function authentication({ app, directory, ask }: AuthenticationOptions): Promise<Authentication> {
  const own = directory === undefined ? undefined : await ownIssuer(app.name, directory)
  const claims = app.auth?.claims ?? []
  const verifiers = [...(own ? [jwtVerifier({ ...own, claims })] : []), ...(app.auth ? [jwtVerifier(verifierOptions(app.auth, ask))] : [])]
  const give = inheriting(app.roles ?? {})
  return {
    authenticate({ authorization }) {
      if (authorization === undefined) return anonymousIdentity
      const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1]
      if (token === undefined) throw new BanyanError('unauthenticated', 'the Authorization header is not `Bearer <token>`')
      const who = verify(token, verifiers)
      return who instanceof Promise ? who.then(give) : give(who)
    },
    issue: own && ((who) => own.issue(who)),
    routes: own ? [tokenRoute(own)] : [],
  }
}

/** The development issuer of an app, with its key in a directory. */
export function ownIssuer(app: string, directory: string): Promise<DevelopmentIssuer> {
  return developmentIssuer({ directory, issuer: 'banyan-development', audience: app })
}

function verifierOptions({ issuer, audience, jwks, claims = [] }: JwtOptions, ask: AskKeys): JwtVerifierOptions {
  if (typeof jwks === 'object' && jwks.kind === 'query') {
    const from = `${jwks.service}.${jwks.name}`
    return { issuer, audience, claims, jwks: askedKeySet({ from, ask: async () => (await ask(jwks)) as JSONWebKeySet }) }
  }
  const url = setting(jwks, { variables: process.env })
  if (url === undefined)
    throw new BanyanError('invalid_configuration', `the key set of issuer '${issuer}' is not set; set the environment variable that \`auth.jwks\` names`)
  return { issuer, audience, claims, jwks: url }
}

/** The first verifier that accepts the token; of several refusals that of the issuer who signed it is told. */
function verify(token: string, verifiers: readonly TokenVerifier[]): Identity | Promise<Identity> {
  const [first, ...others] = verifiers
  if (!first) throw new BanyanError('unauthenticated', 'this app accepts no tokens: it has no `auth`, and the development issuer is off')
  if (others.length === 0) return first(token)
  return firstGood(token, verifiers)
}

async function firstGood(token: string, verifiers: readonly TokenVerifier[]): Promise<Identity> {
  let refusal: unknown
  for (const verifier of verifiers) {
    try {
      return await verifier(token)
    } catch (error) {
      refusal = refusal === undefined || isOfAnother(refusal) ? error : refusal
    }
  }
  throw refusal
}

function isOfAnother(refusal: unknown): boolean {
  return BanyanError.is(refusal) && refusal.details['reason'] === 'unknown_key'
}

/** `POST /_development/token` `{ "subject": "ada", "roles": ["customer"] }` answers `{ "token": "…" }`. */
function tokenRoute(issuer: DevelopmentIssuer): ExtraRoute {
  return {
    method: 'POST',
    path: '/_development/token',
    async answer(request) {
      const { subject, roles = [], tenant } = ((await request.json()) ?? {}) as { subject?: unknown; roles?: unknown; tenant?: unknown }
      const good = typeof subject === 'string' && subject !== '' && Array.isArray(roles) && roles.every((role) => typeof role === 'string')
      if (!good || (tenant !== undefined && typeof tenant !== 'string')) {
        throw new BanyanError('invalid_input', 'a development token is for { "subject": "…", "roles": ["…"], "tenant": "…" }; roles and tenant may be left out')
      }
      const token = await issuer.issue({ subject, roles: roles as string[], ...(tenant === undefined ? {} : { tenant }) })
      return { status: 200, body: JSON.stringify({ token }) }
    },
  }
}
