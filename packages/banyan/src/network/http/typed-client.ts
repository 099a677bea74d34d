import type { IncomingHttpHeaders } from 'node:http'
import { Deadline } from '../../kernel/deadline.ts'
import { milliseconds } from '../../kernel/duration.ts'
import { BanyanError } from '../../kernel/errors.ts'
import { uuidv7 } from '../../kernel/id.ts'
import type { Calls, QueryCallOptions, Uses } from '../../model/call.ts'
import { operationsOf } from '../../model/contract.ts'
import { isDeclared } from '../../model/declared-error.ts'
import type { AnyOperation } from '../../model/operation.ts'
import type { Awaitable } from '../../model/schema.ts'
import { orFallback } from '../fallback.ts'
import { Session } from '../session.ts'
import { sessionOf, timeLeft, DEADLINE_HEADER, KEY_HEADER, SESSION_HEADER } from './envelope-headers.ts'
import { Hop, type HopOptions } from './hop.ts'
import { requestWriter } from './request-writer.ts'
import { routesOf, type Route } from './routes.ts'

export interface ClientOptions extends HopOptions {
  /** `https://shop.example`, or with a path before those of the contracts. */
  readonly url: string
  /** A bearer token, or what gives one before each call; `undefined`: not logged in. */
  readonly token?: string | (() => Awaitable<string | undefined>)
}

/** Operations by service and name, as a service's own `call` has them. */
export type HttpClient<U extends Uses> = Calls<keyof U, U> & AsyncDisposable

type Call = (input?: unknown, options?: QueryCallOptions<unknown>) => Promise<unknown>

const DEFAULT_CALL_MS = 5_000

/**
 * Calls an app from outside over its public routes: `client({ orders }, { url })` gives `orders.place(…)` with the contract's types, its
 * declared errors, a deadline (5 s unless said) and retries: commands carry an idempotency key, so a repeat is executed once. What is
 * answered is not retried; where the answer says when to ask again (`Retry-After`), the error has it as `details.retryAfterMs`. Queries of
 * `session` consistency see what the same client has written. Dispose of it to close its connections.
 */
export function client<const U extends Uses>(contracts: U, options: ClientOptions): HttpClient<U> {
  const { url, token, ...hopOptions } = options
  const base = URL.parse(url)
  if (!base || !/^https?:$/.test(base.protocol)) throw new BanyanError('invalid_configuration', `url: '${url}' is not an http(s) address`)
  const hop = new Hop(base.origin, hopOptions)
  const prefix = base.pathname.replace(/\/$/, '')
  const bearer = async () => (typeof token === 'function' ? token() : token)
  const session = new Session()
  const services = Object.entries(contracts).map(([service, contract]) => {
    const calls = operationsOf(contract).map(
      (operation) => [operation.name, withResult(withFallback(operation, callOf(operation, { hop, prefix, bearer, session })))] as const,
    )
    return [service, Object.fromEntries(calls)] as const
  })
  return { ...Object.fromEntries(services), [Symbol.asyncDispose]: () => hop[Symbol.asyncDispose]() } as unknown as HttpClient<U>
}

interface Way {
  readonly hop: Hop
  readonly prefix: string
  readonly bearer: () => Promise<string | undefined>
  readonly session: Session
}

function callOf(operation: AnyOperation, { hop, prefix, bearer, session }: Way): Call {
  const [route] = routesOf([operation])
  if (!route) {
    return async () => {
      throw new BanyanError('invalid_configuration', `${operation.service}.${operation.name} has no HTTP route: it is for services of the app`)
    }
  }
  const write = requestWriter(route)
  return async (input, options) => {
    const deadline = Deadline.in(options?.deadline === undefined ? DEFAULT_CALL_MS : milliseconds(options.deadline))
    const { target, body } = write(input)
    const fixed = headersOf(route, await bearer(), body, options?.idempotencyKey)
    const headers = () => [...fixed, DEADLINE_HEADER, timeLeft(deadline), ...(session.empty ? [] : [SESSION_HEADER, String(session)])]
    const heard = (answered: IncomingHttpHeaders) => session.add(sessionOf(answered))
    return hop.call({ operation, method: route.method, path: prefix + target, headers, body, deadline, signal: undefined, heard })
  }
}

function headersOf({ operation }: Route, token: string | undefined, body: string | undefined, key: string | undefined): string[] {
  const headers = ['accept', 'application/json']
  if (body !== undefined) headers.push('content-type', 'application/json')
  if (token !== undefined) headers.push('authorization', `Bearer ${token}`)
  if (operation.kind === 'command') headers.push(KEY_HEADER, key ?? uuidv7())
  return headers
}

function withFallback(operation: AnyOperation, call: Call): Call {
  return (input, options) => orFallback(operation, options, () => call(input, options))
}

function withResult(call: Call): Call & { result: Call } {
  const result: Call = async (input, options) => {
    try {
      return { ok: true, value: await call(input, options) }
    } catch (error) {
      if (isDeclared(error) || BanyanError.is(error)) return { ok: false, error }
      throw error
    }
  }
  return Object.assign(call, { result })
}
