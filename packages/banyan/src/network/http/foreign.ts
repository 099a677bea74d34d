import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '../../model/context.ts'
import type { ServerCertificates } from '../../security/server-certificates.ts'
import type { Exchange } from './exchange.ts'
import type { PlacedNode } from './path-table.ts'

/** What answering takes of the surface that a request came to. */
export interface Answering {
  readonly log: Log
  /** Whether connections should end with their next answer. */
  leaving(): boolean
}

/** What OpenAPI says of routes to foreign servers. */
export interface ForeignDescription {
  /** Those that go before others stand first. */
  readonly operations: readonly PlacedNode[]
  readonly tags: readonly string[]
  /** By kind (`schemas`, `securitySchemes`), then by name. */
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What answers requests that no operation of this process has a route for: routes to servers that know nothing of the app. */
export interface ForeignSurface {
  /** What the server shows, where it listens with TLS, in the place of what it would else; `undefined`: nothing of its own. */
  readonly certificates?: ServerCertificates | undefined
  /** Answers the request, now or later; `false` where it has no route either. Its framing has been checked. */
  answer(exchange: Exchange, surface: Answering): boolean
  /** Whether it would answer. It then asks for an awaited body itself (100 Continue), once it can be sent on. */
  takes(request: IncomingMessage, path: string): boolean
  /** Takes a connection over that asks for another protocol; only where it `takes` the request. */
  upgrade(exchange: Exchange<ServerResponse>, socket: Duplex, head: Buffer, surface: Answering): void
  /** What is served now, for OpenAPI; another object once that has changed. */
  description?(): ForeignDescription
}
