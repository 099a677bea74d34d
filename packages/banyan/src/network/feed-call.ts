import { Deadline } from '../kernel/deadline.ts'
import type { AnyOperation } from '../model/operation.ts'
import { newTrace } from '../observe/trace.ts'
import { anonymousIdentity } from '../security/identity.ts'
import type { Envelope } from './envelope.ts'
import { Session } from './session.ts'

/** How much longer than the wait it asks for a feed request may take. */
const MARGIN_MS = 10_000

/** Reading a feed in another unit, as a call: for nobody, and with the time that `request` wants to wait and some more. */
export function feedCall(service: string, request: unknown, signal: AbortSignal): { readonly operation: AnyOperation; readonly envelope: Envelope } {
  const { waitMs } = request as { waitMs?: unknown }
  const envelope: Envelope = {
    identity: anonymousIdentity,
    caller: undefined,
    key: '',
    correlation: '',
    causation: '',
    causedBy: 'event',
    deadline: Deadline.in((typeof waitMs === 'number' ? waitMs : 0) + MARGIN_MS),
    traceparent: newTrace(),
    session: new Session(),
    signal,
    get aborted() {
      return signal.aborted
    },
  }
  return { operation: feedOperation(service), envelope }
}

/** A feed has no declared errors, so its name is all that is needed of it. */
function feedOperation(service: string): AnyOperation {
  const facts = {
    http: undefined,
    input: undefined,
    output: undefined,
    errors: {},
    statuses: {},
    consistency: 'eventual',
    deprecated: undefined,
    secret: false,
  } as const
  return { kind: 'query', service, name: 'feed', facts, errors: {}, '~types': undefined as never }
}
