import { milliseconds, type Duration } from '../kernel/duration.ts'
import { messageOf } from '../kernel/errors.ts'
import { operationsOf } from '../model/contract.ts'
import type { CachePolicy } from '../model/cache.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { ServiceFacts } from '../model/service.ts'
import { INVALIDATIONS } from './planned-subscriptions.ts'

/** What is wrong with what a service says about its cache. */
export function cacheMistakes(name: string, service: ServiceFacts): string[] {
  return [
    ...operationsOf(service.contract).flatMap((operation) => {
      const cache = service.policies[operation.name]?.cache
      return cache ? policyMistakes(`operation '${name}.${operation.name}'`, operation, cache) : []
    }),
    ...service.reactions
      .filter(({ subscription }) => subscription === INVALIDATIONS)
      .map(({ event }) => `service '${name}' reacts to ${event.name} in the subscription '${INVALIDATIONS}', which is the cache's; give it another name`),
  ]
}

function policyMistakes(who: string, { kind, facts }: AnyOperation, cache: CachePolicy): string[] {
  if (kind === 'command') return [`${who} is a command and has a cache; what changes state is executed each time, so cache the queries beside it`]
  const { consistency, output, secret, errors } = facts
  return [
    ...(consistency === 'strong'
      ? [`${who} has a cache and the consistency 'strong', which promises what is committed when it is asked; make it 'session', or do without the cache`]
      : []),
    ...(output === undefined ? [`${who} has a cache and no output; there is nothing to keep`] : []),
    ...(secret ? [`${who} has a cache and is secret; its answers are not to be kept`] : []),
    ...(cache.notFound !== undefined && !('NotFound' in errors) ? [`${who} remembers \`notFound\`, but its contract declares no error 'NotFound'`] : []),
    ...durations.flatMap((field) => durationMistakes(`${who} has a cache with \`${field}\``, cache[field])),
  ]
}

const durations = ['ttl', 'staleWhileRevalidate', 'staleIfError', 'notFound', 'browser', 'cdn'] as const

function durationMistakes(where: string, said: Duration | undefined): string[] {
  if (said === undefined) return []
  try {
    milliseconds(said)
    return []
  } catch (error) {
    return [`${where}: ${messageOf(error)}`]
  }
}
