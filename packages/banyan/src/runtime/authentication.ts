import type { JSONWebKeySet } from 'jose'
import { BanyanError } from '../kernel/errors.ts'
import type { Identity } from '../model/access.ts'
import type { App } from '../model/app.ts'
import type { JwtOptions, KeySetQuery } from '../model/auth.ts'
import type { ExtraRoute } from '../network/http/options.ts'
import { askedKeySet } from '../security/asked-key-set.ts'
import { bearerToken } from '../security/bearer.ts'
import { developmentIssuer, type DevelopmentIssuer } from '../security/development-issuer.ts'
import { anonymousIdentity, type IdentityFields } from '../security/identity.ts'
import { inheriting } from '../security/inherited-roles.ts'
import { issuersVerifier } from '../security/issuers.ts'
import { jwtVerifier, type JwtVerifierOptions } from '../security/tokens.ts'
import type { Sql } from '../store/sql.ts'
import type { CookieRequest } from './public-place.ts'
import { setting } from './settings.ts'
import { openStored, type StoredAuthParts } from './stored-auth.ts'

/** How a unit knows who a request is made for. */
export interface Authentication extends AsyncDisposable {
  authenticate(request: CookieRequest): Identity | Promise<Identity>
  /** In development: tokens for whoever asks. */
  readonly issue: ((who: IdentityFields) => Promise<string>) | undefined
  readonly routes: readonly ExtraRoute[]
}

/** Asks a service of the app for the keys that it signs with. */
export type AskKeys = (query: KeySetQuery) => Promise<unknown>

export interface AuthenticationOptions {
  /** The name under which this installation runs. */
  readonly name: string
  readonly app: Pick<App, 'name' | 'auth' | 'roles'>
  /** In development: where the key of an issuer of our own is kept. */
  readonly directory: string | undefined
  readonly ask: AskKeys
  /** The database that API keys are kept in. */
  readonly sql: Sql
  readonly sessions: StoredAuthParts['sessions']
}

// asking a service of one's own is cheap, and whoever logs in first is not to wait
const OWN_KEYS = { coolDownMs: 5_000, restMs: 0, emptyIsNews: true }

/**
 * The ways of the app, and in development tokens of an issuer of our own: a bearer token that begins like an API key is one, any other is a
 * JSON Web Token of the issuer that it names; who sends none may have a session. A way that refuses is the answer: no other is tried after it.
 */
export async function authentication({ name, app, directory, ask, sql, sessions }: AuthenticationOptions): Promise<Authentication> {
  const own = directory === undefined ? undefined : await ownIssuer(app.name, directory)
  const issuers = app.auth.filter((way) => way.kind === 'jwt')
  const claims = issuers.flatMap((issuer) => issuer.claims ?? [])
  const options = [...(own ? [{ ...own, claims }] : []), ...issuers.map((issuer) => verifierOptions(issuer, ask))]
  const verify = issuersVerifier(options.map((one) => ({ issuer: one.issuer, verify: jwtVerifier(one) })))
  const { keys, logIn } = await openStored(app.auth, { app: name, sql, sessions })
  const give = inheriting(app.roles ?? {})
  const given = (who: Identity | Promise<Identity>) => (who instanceof Promise ? who.then(give) : give(who))
  return {
    authenticate(request) {
      const { authorization, 'x-api-key': key } = request.headers
      if (authorization === undefined) return given(keys && key !== undefined ? keys.verify(String(key)) : (logIn?.identify(request) ?? anonymousIdentity))
      const token = bearerToken(authorization)
      return given(keys?.claims(token) ? keys.verify(token) : verify(token))
    },
    issue: own && ((who) => own.issue(who)),
    routes: [...(own ? [tokenRoute(own)] : []), ...(logIn?.routes ?? [])],
    async [Symbol.asyncDispose]() {
      await logIn?.[Symbol.asyncDispose]()
    },
  }
}

/** The development issuer of an app, with its key in a directory. */
export function ownIssuer(app: string, directory: string): Promise<DevelopmentIssuer> {
  return developmentIssuer({ directory, issuer: 'banyan-development', audience: app })
}

function verifierOptions({ issuer, audience, jwks, claims = [] }: JwtOptions, ask: AskKeys): JwtVerifierOptions {
  if (typeof jwks === 'object' && jwks.kind === 'query') {
    const from = `${jwks.service}.${jwks.name}`
    return { issuer, audience, claims, jwks: askedKeySet({ from, ask: async () => (await ask(jwks)) as JSONWebKeySet, ...OWN_KEYS }) }
  }
  const url = setting(jwks, { variables: process.env })
  if (url === undefined)
    throw new BanyanError('invalid_configuration', `the key set of issuer '${issuer}' is not set; set the environment variable that \`auth.jwks\` names`)
  return { issuer, audience, claims, jwks: url }
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
