import type { Projection, ServiceFacts } from '../model/service.ts'
import { listenings, type Listening } from './listen.ts'
import type { Publisher } from './publish.ts'

/** The name of the subscription by which a service hears what of its cache is old. */
export const INVALIDATIONS = 'invalidations'

/** A subscription that follows from a service's declarations: one for each name and each log that is listened to. */
export interface PlannedSubscription {
  readonly kind: 'reactions' | 'projection' | 'invalidations'
  readonly name: string
  readonly listening: Listening
}

export function plannedSubscriptions(facts: ServiceFacts, own: Publisher): readonly PlannedSubscription[] {
  const reactions = Map.groupBy(facts.reactions, (reaction) => reaction.subscription)
  return [
    ...[...reactions].flatMap(([name, group]) => {
      const listeners = group.map(({ event, react }) => ({ event, run: react }))
      return listenings(facts, own, listeners).map((listening) => ({ kind: 'reactions', name, listening }) as const)
    }),
    ...listenings(
      facts,
      own,
      facts.invalidations.map(({ event, tags }) => ({ event, run: tags })),
    ).map((listening) => ({ kind: 'invalidations', name: INVALIDATIONS, listening }) as const),
    ...facts.projections.flatMap((projection) =>
      projectionListenings(facts, own, projection).map((listening) => ({ kind: 'projection', name: projectionName(projection), listening }) as const),
    ),
  ]
}

export function projectionListenings(facts: ServiceFacts, own: Publisher, { on }: Projection): readonly Listening[] {
  return listenings(
    facts,
    own,
    on.map(({ event, apply, many }, place) => ({ event, run: apply, ...(many ? { together: place } : {}) })),
  )
}

/** `orders-by-day@2`: another version begins anew, with checkpoints of its own. */
export function projectionName({ name, version }: Projection): string {
  return `${name}@${version}`
}
