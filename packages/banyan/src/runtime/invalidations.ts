import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import { scoped } from '../cache/service-cache.ts'
import type { TieredCache } from '../cache/tiered-cache.ts'
import { Deadline } from '../kernel/deadline.ts'
import { Session } from '../network/session.ts'
import type { Freshness } from './freshness.ts'
import type { Listening } from './listen.ts'

/** Time for the service's projections to apply an event before what depends on it is invalidated; then it is tried again. */
const PROJECTED_MS = 60_000

export interface InvalidationParts {
  readonly service: string
  readonly cache: TieredCache
  readonly freshness: Freshness
  /** Told when something was invalidated. */
  readonly moved: () => void
}

/**
 * Invalidates what events make old: after the projections have applied them, since an answer that is loaded between the two would be old and
 * be kept. An event may be handled twice, which does no harm; while Redis is away it waits.
 */
export function invalidationHandler({ service, cache, freshness, moved }: InvalidationParts, listening: Listening): SubscriptionHandler {
  return {
    kind: 'batch',
    async handle(events, _advances, { signal }) {
      const found = events.flatMap((event) => listening.find(event) ?? [])
      if (found.length === 0) return 'ignored'
      const session = new Session()
      session.note(listening.source, events)
      await freshness.reached('session', { session, deadline: Deadline.in(PROJECTED_MS), signal })
      const tags = found.map(({ listener, data }) => listener.run(data as never, undefined as never) as readonly string[])
      await cache.invalidate([...new Set(tags.flatMap((some) => scoped(service, some)))])
      moved()
      return 'ignored'
    },
  }
}
