import type { IncomingHttpHeaders } from 'node:http'
import { milliseconds } from '../kernel/duration.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Identity } from '../model/access.ts'
import type { Oidc } from '../model/auth.ts'
import type { Setting } from '../model/setting.ts'
import type { ExtraRoute } from '../network/http/options.ts'
import { cookieIn, cookieName } from '../security/cookies.ts'
import { anonymousIdentity } from '../security/identity.ts'
import { oidcClient } from '../security/oidc-client.ts'
import { checkSameOrigin } from '../security/same-origin.ts'
import type { SessionStore } from '../security/session-store.ts'
import { Sessions } from '../security/sessions.ts'
import { logInRoutes } from './log-in-routes.ts'
import { publicPlace, type CookieRequest } from './public-place.ts'
import { sessionTimes } from './session-times.ts'
import { setting } from './settings.ts'

/** Log-in of people in browsers. */
export interface LogIn extends AsyncDisposable {
  /** Whom a session's cookie speaks for; anonymous where there is none, or it is over. Throws `forbidden` where another site made the request. */
  identify(request: CookieRequest): Identity | Promise<Identity>
  readonly routes: readonly ExtraRoute[]
}

/** Opens what a log-in needs. Throws `invalid_configuration` for settings that are missing or no good. */
export function openLogIn(app: string, declared: Oidc, store: SessionStore): LogIn {
  const { idle = sessionTimes.idle, lasting = sessionTimes.lasting } = declared.sessions ?? {}
  const sessions = new Sessions({ store, times: { idleMs: milliseconds(idle), lastingMs: milliseconds(lasting) } })
  const client = oidcClient({
    issuer: said('issuer', declared.issuer),
    clientId: said('clientId', declared.clientId),
    clientSecret: declared.clientSecret && said('clientSecret', declared.clientSecret),
    scopes: declared.scopes ?? ['openid', 'profile', 'email'],
  })
  const cookie = `${app}-session`
  const place = publicPlace(setting(declared.url, { variables: process.env }))

  function secretOf(headers: IncomingHttpHeaders, secure: boolean): string | undefined {
    return cookieIn(headers.cookie, cookieName(cookie, secure))
  }

  function session(request: CookieRequest) {
    const { headers, method = 'GET' } = request
    if (headers.cookie === undefined) return undefined
    const { secure, origin } = place(request)
    const secret = secretOf(headers, secure)
    if (secret === undefined) return undefined
    checkSameOrigin(method, headers, origin)
    return sessions.find(secret)
  }

  return {
    identify(request) {
      const found = session(request)
      if (found instanceof Promise) return found.then((known) => known?.identity ?? anonymousIdentity)
      return found?.identity ?? anonymousIdentity
    },
    routes: logInRoutes({ app, cookie, declared, client, sessions, place, session, secretOf }),
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  }
}

function said(name: string, given: Setting): string {
  const value = setting(given, { variables: process.env })
  if (value !== undefined && value !== '') return value
  const variable = typeof given === 'object' ? given.name : undefined
  throw new BanyanError('invalid_configuration', `oidc(…) has no ${name}; ${variable === undefined ? `say \`${name}\`` : `set ${variable}`}`)
}
