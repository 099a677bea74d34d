import type { IncomingHttpHeaders } from 'node:http'
import { BanyanError } from '../kernel/errors.ts'
import type { Oidc } from '../model/auth.ts'
import type { ExtraRequest, ExtraRoute } from '../network/http/options.ts'
import type { Reply } from '../network/http/reply.ts'
import { cookieIn, cookieName, setCookie } from '../security/cookies.ts'
import type { LogInUnderWay, OidcClient } from '../security/oidc-client.ts'
import { personOf, wholePerson } from '../security/person.ts'
import { returnPath } from '../security/return-path.ts'
import { checkSameOrigin } from '../security/same-origin.ts'
import type { About, StoredSession } from '../security/session-store.ts'
import type { KnownSession, Sessions } from '../security/sessions.ts'
import type { CookieRequest, Place } from './public-place.ts'

export interface LogInParts {
  readonly app: string
  /** The name of the session's cookie. */
  readonly cookie: string
  readonly declared: Oidc
  readonly client: OidcClient
  readonly sessions: Sessions
  readonly place: (request: CookieRequest) => Place
  readonly session: (request: CookieRequest) => KnownSession | undefined | Promise<KnownSession | undefined>
  readonly secretOf: (headers: IncomingHttpHeaders, secure: boolean) => string | undefined
}

/** A log-in under way, as its cookie has it. */
interface Pending extends LogInUnderWay {
  readonly returnTo: string
}

/** How long somebody may take at the provider's, in seconds. */
const PENDING_S = 600
const LONGEST_AGENT = 200

/** `/auth/…`: log-in, log-out and what is known of the session. */
export function logInRoutes(parts: LogInParts): readonly ExtraRoute[] {
  const { cookie, declared, client, sessions, place, secretOf } = parts
  const pendingCookie = `${parts.app}-log-in`

  async function logIn({ request, response, query }: ExtraRequest): Promise<Reply> {
    const { origin, secure } = place(request)
    const { url, ...began } = await client.begin(callbackOf(origin))
    const pending: Pending = { ...began, returnTo: returnPath(query.get('return_to')) }
    response.appendHeader('set-cookie', setCookie(pendingCookie, encoded(pending), { secure, maxAge: PENDING_S }))
    return redirect(url)
  }

  async function callback({ request, response, query }: ExtraRequest): Promise<Reply> {
    const { origin, secure } = place(request)
    const { headers } = request
    // used once, whatever comes of it
    response.appendHeader('set-cookie', setCookie(pendingCookie, '', { secure, maxAge: 0 }))
    const pending = decoded(cookieIn(headers.cookie, cookieName(pendingCookie, secure)))
    const claims = await client.finish(new URL(`${callbackOf(origin)}?${query.toString()}`), pending)
    const person = wholePerson((declared.person ?? personOf)(claims))
    const secret = await sessions.begin(person, aboutOf(claims, headers), secretOf(headers, secure))
    response.appendHeader('set-cookie', setCookie(cookie, secret, { secure }))
    return redirect(returnPath(pending.returnTo))
  }

  async function logOut({ request, response, query }: ExtraRequest): Promise<Reply> {
    const { origin, secure } = place(request)
    checkSameOrigin('POST', request.headers, origin)
    const secret = secretOf(request.headers, secure)
    if (secret !== undefined) {
      const found = await sessions.find(secret)
      if (found && query.get('everywhere') === 'true') await sessions.endAllOf(found.person)
      else await sessions.end(secret)
    }
    response.appendHeader('set-cookie', setCookie(cookie, '', { secure, maxAge: 0 }))
    const next = (await client.endUrl(`${origin}/`)) ?? returnPath(query.get('return_to'))
    // a form's answer is followed; a script decides by itself where the browser goes
    return request.headers['sec-fetch-mode'] === 'navigate' ? redirect(next) : json({ next })
  }

  async function known({ request }: Pick<ExtraRequest, 'request'>): Promise<KnownSession> {
    const found = await parts.session(request)
    if (found) return found
    const over = secretOf(request.headers, place(request).secure) !== undefined
    throw new BanyanError('unauthenticated', over ? 'the session is over; log in at /auth/login' : 'nobody has logged in; do so at /auth/login', {
      details: { reason: over ? 'session_over' : 'no_session' },
    })
  }

  async function list(exchange: ExtraRequest): Promise<Reply> {
    const { person, id } = await known(exchange)
    const all = await sessions.list(person)
    return json({ sessions: all.map((session) => ({ ...shown(session), current: session.id === id })) })
  }

  async function end(exchange: ExtraRequest): Promise<Reply> {
    const { person } = await known(exchange)
    const id = exchange.parameters['id'] ?? ''
    if (await sessions.endOf(person, id)) return { status: 204 }
    throw new BanyanError('not_found', `you have no session '${id}'; GET /auth/sessions lists those you have`)
  }

  return [
    { method: 'GET', path: '/auth/login', answer: logIn },
    { method: 'GET', path: '/auth/callback', answer: callback },
    { method: 'POST', path: '/auth/logout', answer: logOut },
    { method: 'GET', path: '/auth/session', answer: async (exchange) => json(described(await known(exchange))) },
    { method: 'GET', path: '/auth/sessions', answer: list },
    { method: 'DELETE', path: '/auth/sessions/:id', answer: end },
  ]
}

function callbackOf(origin: string): string {
  return `${origin}/auth/callback`
}

function redirect(location: string): Reply {
  return { status: 303, headers: { location } }
}

function json(value: unknown): Reply {
  return { status: 200, body: JSON.stringify(value) }
}

function encoded(pending: Pending): string {
  return Buffer.from(JSON.stringify(pending)).toString('base64url')
}

/** Who comes back without it has begun in another browser, too long ago, or not at all. */
function decoded(text: string | undefined): Pending {
  try {
    const value = JSON.parse(Buffer.from(text ?? '', 'base64url').toString()) as Partial<Record<keyof Pending, unknown>>
    const { state, nonce, verifier, returnTo } = value
    if ([state, nonce, verifier, returnTo].every((one) => typeof one === 'string' && one !== '')) return value as Pending
  } catch {
    // told below: whatever it is, it is no log-in that was begun here
  }
  throw new BanyanError('unauthenticated', 'this browser has no log-in under way, or it took longer than ten minutes; begin again at /auth/login', {
    details: { reason: 'no_log_in' },
  })
}

function aboutOf({ name, email }: Readonly<Record<string, unknown>>, headers: IncomingHttpHeaders): About {
  const agent = headers['user-agent']?.slice(0, LONGEST_AGENT)
  return { ...(typeof name === 'string' && { name }), ...(typeof email === 'string' && { email }), ...(agent !== undefined && { agent }) }
}

function shown({ id, about, began, expires, ends }: StoredSession): object {
  return { id, began, expires, ends, ...about }
}

function described(session: KnownSession): object {
  return { ...session.person, ...shown(session) }
}
