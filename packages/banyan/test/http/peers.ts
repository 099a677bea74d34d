import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Deadline } from '../../src/kernel/deadline.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
import { remoteUnit, type RemoteUnit, type RemoteUnitOptions } from '../../src/network/http/client.ts'
import type { Envelope } from '../../src/network/envelope.ts'
import { Session } from '../../src/network/session.ts'
import { wireUnit, type WireUnitOptions } from '../../src/network/wire/wire-unit.ts'
import { silentLog } from '../../src/observe/log.ts'
import { newTrace } from '../../src/observe/trace.ts'
import { peerTokens, type PeerTokens } from '../../src/security/peer-token.ts'
import { peerVoice } from '../../src/security/peer-voice.ts'
import { operations, somebody } from './fixture.ts'
import type { AnyOperation } from '../../src/model/operation.ts'

export const SECRET = 'a secret that all units of the app share'
export const tokens: PeerTokens = peerTokens({ app: 'shop', secret: SECRET })

export function operation(name: string): AnyOperation {
  return operations.find((candidate) => candidate.name === name)!
}

/** What goes with a call by the service 'payments', which handles an event. */
export function envelope(more: Partial<Envelope> = {}): Envelope {
  const made = { identity: somebody, caller: 'payments', key: uuidv7(), correlation: 'c-1', causation: 'e-1', causedBy: 'event' as const }
  const { signal = new AbortController().signal } = more
  const aborted = { get: () => signal.aborted }
  return Object.defineProperty(
    { ...made, deadline: Deadline.in(30_000), traceparent: newTrace(), session: new Session(), aborted: false, ...more, signal },
    'aborted',
    aborted,
  )
}

export function unitAt(origin: string, options: Partial<RemoteUnitOptions> = {}): RemoteUnit {
  return remoteUnit({ origin, voice: peerVoice(tokens), ...options })
}

export function wireAt(origin: string, options: Partial<WireUnitOptions> = {}): RemoteUnit {
  return wireUnit({ origin, voice: peerVoice(tokens), log: silentLog, ...options })
}

/** A plain server that behaves as told. */
export async function plainServer(listener: RequestListener): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
