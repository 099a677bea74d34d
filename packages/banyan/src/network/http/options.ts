import type { Access, Identity } from '../../model/access.ts'
import type { ForwardedHeader } from '../../model/app.ts'
import type { Log } from '../../model/context.ts'
import type { AnyOperation, Method } from '../../model/operation.ts'
import type { Awaitable } from '../../model/schema.ts'
import type { AccessLog } from '../../observe/access-log.ts'
import type { TlsOptions } from '../../security/tls.ts'
import type { Envelope } from '../envelope.ts'
import type { CacheRules } from './cache-rules.ts'
import type { IsTrusted } from './client-address.ts'
import type { Gates } from './gate.ts'
import type { ForeignSurface } from './foreign.ts'
import type { HttpRequest, HttpResponse } from './message.ts'
import type { PagesOptions } from './pages.ts'
import type { Reply } from './reply.ts'
import type { PathParameters } from './routes.ts'

export interface HttpLimits {
  /** Bytes of a body from outside; 1 MiB. */
  readonly bodyBytes: number
  /** Bytes of a body from another unit; 16 MiB. */
  readonly peerBodyBytes: number
  /** Bytes of the request line and headers; 16 KiB. */
  readonly headerBytes: number
  /** Operations being answered at once; 1,000. More are answered `overloaded`. */
  readonly inFlight: number
  /** Open connections; 10,000. More are closed at once. */
  readonly connections: number
  /** Milliseconds for the headers of a request to arrive; 10,000. */
  readonly headersMs: number
  /** Milliseconds for a whole request to arrive; 60,000. */
  readonly requestMs: number
  /** Milliseconds that a connection is kept without a request; 65,000, longer than load balancers keep theirs. */
  readonly keepAliveMs: number
  /** Milliseconds an answer may take where nothing is said, and the most an outsider may ask for; 30,000. */
  readonly deadlineMs: number
  /** Queries being watched at once; 1,000. More are answered `overloaded`. */
  readonly watchers: number
  /** Milliseconds that a query is watched before its client has to come back; 1,800,000. */
  readonly watchMs: number
  /** Milliseconds between signs of life to who watches; 15,000. */
  readonly heartbeatMs: number
}

export interface Readiness {
  readonly ready: boolean
  /** By what was checked. Anybody may read it: no addresses, no secrets. */
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: string }>>
}
export interface Health {
  /** False: this process cannot recover and should be restarted. */
  live(): boolean
  /** Whether requests should be sent here now. */
  ready(): Promise<Readiness>
}

/** What units of the same app may ask of each other. */
export interface PeerSurface {
  /** Who a peer token speaks for; throws `unauthenticated`. `caller` is `undefined` where the unit passes on a request from outside. */
  verify(token: string): Awaitable<{ readonly caller: string | undefined; readonly identity: Identity }>
  /** Reads the feed of a service: request and page as JSON. `signal` aborts when the caller leaves or the server closes. */
  feed?(service: string, request: unknown, signal: AbortSignal, caller: string | undefined): Promise<unknown>
  /** How this unit and its ways to other units are, as JSON; for operators. */
  ways?(): unknown
}

/** Hints that what a service answers may have changed. Read `count` before looking and hand it to `after`: then none in between is missed. */
export interface Changes {
  readonly count: number
  /** Resolves when there was one since `seen`, after `ms` milliseconds, or when `signal` aborts; never rejects. */
  after(seen: number, ms: number, signal?: AbortSignal): Promise<void>
}

/** A request to a route that is not an operation's. */
export interface ExtraRequest {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly parameters: PathParameters
  readonly query: URLSearchParams
  /** Aborts when the caller leaves or the server closes. */
  readonly signal: AbortSignal
  /** Its body as JSON; `undefined` where there is none. */
  json(): Promise<unknown>
}
/** A route of the framework itself, such as the development issuer's. */
export interface ExtraRoute {
  readonly method: Method
  readonly path: string
  /** The reply, or `undefined` when it writes to `response` itself. */
  answer(request: ExtraRequest): Awaitable<Reply | undefined>
}

export interface HttpServerOptions {
  /** The app's name, for OpenAPI. */
  readonly title: string
  /** 127.0.0.1 unless said. */
  readonly host?: string
  /** 0: any that is free. */
  readonly port: number
  /** All operations of the app: those of services elsewhere are passed on by `invoke`. */
  readonly operations: readonly AnyOperation[]
  /** Who may call an operation, for OpenAPI; `invoke` sees to it. */
  access(operation: AnyOperation): Access<never, never>
  /** What caches are told of a query's answers; `undefined`, and they may not keep them. */
  cache?(operation: AnyOperation): CacheRules | undefined
  /** A promise, or what is answered at once. */
  invoke(operation: AnyOperation, input: unknown, envelope: Envelope): unknown
  /** What a request from outside has to pass on its way to an operation. Nothing unless said. */
  gates?(operation: AnyOperation): Gates | undefined
  /** Who may say for whom a request is made; nobody unless said. */
  readonly proxies?: { readonly isTrusted: IsTrusted; readonly header: ForwardedHeader } | undefined
  /** Who a request is made for; throws `unauthenticated` for a token that is not good, `forbidden` for a session that another site makes use of. */
  authenticate(request: Pick<HttpRequest, 'headers' | 'method' | 'socket'>): Awaitable<Identity>
  /** What changes the answers of a service. Of a service elsewhere nothing is heard: those who watch it look again every second. */
  changes(service: string): Changes
  /** The id that a client's idempotency key is recorded under, always the same. Throws `key_invalid` or `key_expired`. */
  mapKey(key: string): string
  readonly health: Health
  /** Without it the surface for peers does not exist. */
  readonly peer?: PeerSurface
  /** With a certificate it listens with TLS; with authorities as well, what is for peers is for those with a certificate of theirs only. */
  readonly tls?: TlsOptions | undefined
  readonly extra?: readonly ExtraRoute[]
  /** Whether `/reference` shows the operations; false unless said. */
  readonly reference?: boolean
  /** What answers where no operation does, and before files do. */
  readonly foreign?: ForeignSurface | undefined
  /** Files that answer where nothing else does. */
  readonly pages?: PagesOptions | undefined
  /** Is told of each request from outside that is over, but for those that `foreign` has answered. */
  readonly accessLog?: AccessLog | undefined
  readonly log: Log
  readonly limits?: Partial<HttpLimits>
}

export const defaultLimits: HttpLimits = {
  bodyBytes: 1024 * 1024,
  peerBodyBytes: 16 * 1024 * 1024,
  headerBytes: 16 * 1024,
  inFlight: 1_000,
  connections: 10_000,
  headersMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 65_000,
  deadlineMs: 30_000,
  watchers: 1_000,
  watchMs: 1_800_000,
  heartbeatMs: 15_000,
}
