import { Deadline } from '../kernel/deadline.ts'
import { askedWait } from '../kernel/backoff.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import { isDeclared } from '../model/declared-error.ts'
import type { AnyOperation } from '../model/operation.ts'
import { childSpan } from '../observe/trace.ts'
import { identity } from '../security/identity.ts'
import type { Envelope } from '../network/envelope.ts'
import { Session } from '../network/session.ts'
import type { Delivered, DispatcherOptions } from '../work/dispatcher.ts'
import type { WorkItem } from '../work/work.ts'
import type { Directory } from './bindings.ts'
import type { SendContext } from './sends.ts'

/** Time for one attempt at a delivery. */
const DELIVERY_MS = 30_000
/** After so many attempts a failure that is the receiver's mistake needs an operator. */
const FAULTY_ATTEMPTS = 10

/** Delivers what was sent: under the send's own key, so that a repeat has no second effect. */
export function deliver(directory: Directory, operation: (service: string, name: string) => AnyOperation | undefined, log: Log): DispatcherOptions['deliver'] {
  return async (item, signal) => {
    const target = operation(item.service, item.operation)
    if (!target) return { dead: `the app has no operation '${item.service}.${item.operation}'` }
    try {
      await directory.binding(item.service).invoke(target, item.input, envelopeOf(item, signal))
      return 'executed'
    } catch (error) {
      const outcome = verdict(error, item.attempts)
      if ('dead' in outcome)
        log.error(`${item.service}.${item.operation} was not executed and will not be tried again`, { id: item.id, reason: messageOf(outcome.dead) })
      return outcome
    }
  }
}

function verdict(error: unknown, attempts: number): Exclude<Delivered, 'executed'> {
  // a refusal is an answer: asking again gives the same
  if (isDeclared(error)) return { dead: error }
  if (!BanyanError.is(error)) return { retry: error }
  if (error.retryable) return { retry: error, afterMs: askedWait(error) }
  return error.status === 500 && attempts < FAULTY_ATTEMPTS ? { retry: error } : { dead: error }
}

function envelopeOf(item: WorkItem, signal: AbortSignal): Envelope {
  const { subject, roles, scopes = [], attributes = {}, caller, correlation, causation, causedBy, traceparent } = item.context as SendContext
  return {
    identity: identity({ subject, roles, tenant: item.tenant, scopes, attributes }),
    caller,
    key: item.id,
    correlation,
    causation,
    causedBy,
    deadline: Deadline.in(DELIVERY_MS),
    traceparent: childSpan(traceparent),
    session: new Session(),
    signal,
    get aborted() {
      return signal.aborted
    },
  }
}
