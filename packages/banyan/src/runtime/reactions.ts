import { crashPoint } from '../kernel/crash-point.ts'
import { Deadline } from '../kernel/deadline.ts'
import { derivedId } from '../kernel/id.ts'
import type { FeedEvent } from '../events/feed.ts'
import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import { identity } from '../security/identity.ts'
import type { Envelope } from '../network/envelope.ts'
import { Session } from '../network/session.ts'
import { childSpan, newTrace } from '../observe/trace.ts'
import { ReactionContextOf, type DeliveryFacts, type Host } from './contexts.ts'
import type { Listening } from './listen.ts'
import { keyOf } from './publish.ts'
import type { Transactions } from './transactions.ts'

/** Time for one attempt at a reaction. */
const REACTION_MS = 60_000

/** Runs a service's reactions: what one transacts commits together with the note that its event is done. */
export function reactionHandler(host: Host, transactions: Transactions, subscription: string, listening: Listening): SubscriptionHandler {
  return {
    kind: 'each',
    async handle(event, advance, { attempt, signal }) {
      const found = listening.find(event)
      if (!found) return 'ignored'
      const envelope = envelopeOf(host.name, subscription, listening.source, event, signal)
      const transaction = transactions.once({ envelope, by: `${host.name} ${subscription}`, checkpoint: advance })
      const context = new ReactionContextOf(host, envelope, transaction.transact, deliveryOf(event, attempt))
      crashPoint('reaction.before')
      await found.listener.run(found.data as never, context as never)
      crashPoint('reaction.after')
      return transaction.committed ? 'committed' : 'ignored'
    },
  }
}

/** A reaction acts as its service, on behalf of whoever caused the event; what it asks others is answered with that event seen. */
function envelopeOf(service: string, subscription: string, source: string, event: FeedEvent, signal: AbortSignal): Envelope {
  const { id, meta, tenant } = event
  const session = new Session()
  session.note(source, [event])
  return {
    identity: identity({ subject: meta.actor, roles: [], tenant }),
    caller: service,
    key: derivedId(id, service, subscription),
    correlation: meta.correlation,
    causation: id,
    causedBy: 'event',
    deadline: Deadline.in(REACTION_MS),
    traceparent: meta.traceparent ? childSpan(meta.traceparent) : newTrace(),
    session,
    signal,
    get aborted() {
      return signal.aborted
    },
  }
}

export function deliveryOf({ id, at, meta, stream }: FeedEvent, attempt: number): DeliveryFacts {
  return { id, at, attempt, correlation: meta.correlation, key: keyOf(stream) }
}
