import { aggregateOf } from '../model/aggregate.ts'
import type { ServiceFacts } from '../model/service.ts'
import type { RunnableAggregate } from './unit-of-work.ts'

/**
 * The aggregates that a service's declarations lead to, by name, which is the category of their streams: those whose events it publishes,
 * projects or reacts to. One that only handlers know is not among them.
 */
export function aggregatesOf({ publishes, projections, reactions }: ServiceFacts): ReadonlyMap<string, RunnableAggregate> {
  const heard = [...projections.flatMap(({ on }) => on), ...reactions].flatMap(({ event }) => aggregateOf(event) ?? [])
  const found = [...Object.values(publishes).map(({ aggregate }) => aggregate), ...heard]
  return new Map(found.map((aggregate) => [aggregate.name, aggregate as RunnableAggregate]))
}
