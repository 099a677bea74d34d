import { BanyanError } from '../../kernel/errors.ts'
import type { AnyOperation } from '../../model/operation.ts'
import type { PeerVoice, Speaker } from '../../security/peer-voice.ts'
import { asCertificateRefusal } from '../../security/tls.ts'
import type { Envelope } from '../envelope.ts'
import { feedCall } from '../feed-call.ts'
import {
  sessionOf,
  timeLeft,
  CAUSATION_HEADER,
  CAUSED_BY_HEADER,
  CORRELATION_HEADER,
  DEADLINE_HEADER,
  KEY_HEADER,
  SAID_KEY_HEADER,
  SESSION_HEADER,
} from './envelope-headers.ts'
import { Hop, type HopOptions } from './hop.ts'
import { feedPath, peerPath } from './peer-paths.ts'

export interface RemoteUnitOptions extends HopOptions {
  /** `http://sales.internal:3000` */
  readonly origin: string
  /** The peer tokens that speak for callers there. */
  readonly voice: PeerVoice
}

/** Another unit of the app. Dispose of it to close its connections; calls under way then fail as `unavailable`. */
export interface RemoteUnit extends AsyncDisposable {
  /** Runs an operation there. Throws what it throws there, or `unavailable`, `deadline_exceeded`, `cancelled`, `overloaded` of the way there. */
  call(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown>
  /** Reads a service's feed there; `request` and the answer are JSON. */
  feed(service: string, request: unknown, signal: AbortSignal): Promise<unknown>
}

/** The way to another unit of the app: calls and feeds as they are in process, but over HTTP. Throws `invalid_configuration` for an address that is none. */
export function remoteUnit({ origin, voice, ...options }: RemoteUnitOptions): RemoteUnit {
  const hop = new Hop(originOf(origin), options)
  /** A token that is refused for its time only has changed nothing, and the refusal tells the time there. */
  async function speak(who: Speaker, send: (token: string) => Promise<unknown>): Promise<unknown> {
    const token = voice.token(who)
    try {
      return await send(token)
    } catch (error) {
      if (!voice.refused(error, token)) throw asCertificateRefusal(error, origin)
      return send(voice.token(who))
    }
  }
  return {
    call(operation, input, envelope) {
      const body = JSON.stringify(input)
      return speak(envelope, (token) => {
        const fixed = chainHeaders(operation, envelope, token)
        return hop.call({
          operation,
          method: 'POST',
          path: peerPath(operation),
          headers: () => [...fixed, DEADLINE_HEADER, timeLeft(envelope.deadline)],
          body,
          deadline: envelope.deadline,
          signal: envelope.signal,
          heard: (headers) => envelope.session.add(sessionOf(headers)),
        })
      })
    },
    feed(service, request, signal) {
      const { operation, envelope } = feedCall(service, request, signal)
      const body = JSON.stringify(request)
      return speak(envelope, (token) => {
        const headers = ['content-type', 'application/json', 'authorization', `Bearer ${token}`]
        return hop.call({ operation, method: 'POST', path: feedPath(service), headers: () => headers, body, deadline: envelope.deadline, signal })
      })
    },
    [Symbol.asyncDispose]: () => hop[Symbol.asyncDispose](),
  }
}

/** An address as an origin. Throws `invalid_configuration` for one that is none. */
export function originOf(address: string): string {
  const url = URL.parse(address)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin
  throw new BanyanError(
    'invalid_configuration',
    `'${address}' is not the address of a unit; it has the form http://host:port, or https:// where units speak TLS`,
  )
}

function chainHeaders(operation: AnyOperation, envelope: Envelope, token: string): string[] {
  const headers = ['content-type', 'application/json', 'authorization', `Bearer ${token}`, 'traceparent', envelope.traceparent]
  headers.push(CORRELATION_HEADER, envelope.correlation, CAUSATION_HEADER, envelope.causation)
  if (envelope.causedBy === 'event') headers.push(CAUSED_BY_HEADER, 'event')
  if (!envelope.session.empty) headers.push(SESSION_HEADER, String(envelope.session))
  // a query's key is of no use there, and costs a hash to make
  if (operation.kind === 'command') headers.push(KEY_HEADER, envelope.key, ...(envelope.saidKey === undefined ? [] : [SAID_KEY_HEADER, envelope.saidKey]))
  return headers
}
