import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Identity } from '../model/access.ts'
import type { Outcome } from '../network/http/outcome-meter.ts'
import type { Route } from './config.ts'

/** A request on its way through the policies of a route. Policies give the next one a changed copy, never a changed request. */
export interface EdgeRequest {
  readonly method: string
  /** As the client asked: for the access log and for messages. */
  readonly original: string
  /** Percent-encoded, beginning with `/`, without the query. */
  readonly path: string
  /** Without its `?`; empty: none. */
  readonly query: string
  /** Lower case; hop-by-hop fields (RFC 9110 §7.6.1) are gone already. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Not read yet; `undefined` where there is none. */
  readonly body: Readable | undefined
  /** The address of who asks, which only trusted proxies may name (`forwarded`). */
  readonly client: string
  readonly identity: Identity
  readonly route: Route
  /** Aborts when the client has gone or the time is up; made when it is asked for, since most requests end without. */
  readonly signal: () => AbortSignal
  /** The `traceparent` of this hop. */
  readonly traceparent: string
  /** What policies note of it, for counts and the access log; the same for all copies. */
  readonly outcome: { -readonly [Fact in keyof Outcome]: Outcome[Fact] }
}

/** An answer on its way back. */
export interface EdgeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Read once at most. */
  readonly body: Readable | Buffer | undefined
}

/** What a policy does: answers itself, or asks the next one and gives back its answer, changed or not. Errors thrown are answered as problems (RFC 9457). */
export type Policy = (request: EdgeRequest, next: (request: EdgeRequest) => Promise<EdgeAnswer>) => Promise<EdgeAnswer>
