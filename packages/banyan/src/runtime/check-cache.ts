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
      return cache !== undefined ? policyMistakes(`operation '${name}.${operation.name}'`, operation, cache) : []
    }),
    ...service.reactions
      .filter(({ subscription }) => subscription === INVALIDATIONS)
      .map(({ event }) => `service '${name}' reacts to ${event.name} in the subscription '${INVALIDATIONS}', which is the cache's; give it another name`),
  ]
}

function policyMistakes(who: string, { kind, facts }: AnyOperation, cache: CachePolicy): string[] {
  if (typeof cache !== 'object' || cache === null) return [`${who} has a cache ${shown(cache)}; write { ttl: '1m' }`]
  if (kind === 'command') return [`${who} is a command and has a cache; what changes state is executed each time, so cache the queries beside it`]
  const { consistency, output, secret, errors } = facts
  return [
    ...(consistency === 'strong'
      ? [`${who} has a cache and the consistency 'strong', which promises what is committed when it is asked; make it 'session', or do without the cache`]
      : []),
    ...(output === undefined ? [`${who} has a cache and no output; there is nothing to keep`] : []),
    ...(secret ? [`${who} has a cache and is secret; its answers are not to be kept`] : []),
    ...(cache.notFound !== undefined && !('NotFound' in errors) ? [`${who} remembers \`notFound\`, but its contract declares no error 'NotFound'`] : []),
    ...settingMistakes(who, cache),
    ...durations.flatMap((field) => durationMistakes(`${who} has a cache with \`${field}\``, cache[field])),
  ]
}

const durations = ['ttl', 'staleWhileRevalidate', 'staleIfError', 'notFound', 'browser', 'cdn'] as const

const KNOWN: readonly string[] = [...durations, 'tags', 'shared', 'version']

function settingMistakes(who: string, { ttl, tags, shared, version, ...others }: CachePolicy): string[] {
  const odd = (field: string, value: unknown, what: string): string => `${who} has a cache with \`${field}\` ${shown(value)}; it is ${what}`
  return [
    ...(ttl === undefined ? [`${who} has a cache without \`ttl\`, which says how long an answer is fresh; write ttl: '1m'`] : []),
    ...(tags === undefined || typeof tags === 'function'
      ? []
      : [`${who} has a cache whose \`tags\` are no function; write tags: (input, output) => ['order:1']`]),
    ...(shared === undefined || typeof shared === 'boolean' ? [] : [odd('shared', shared, 'true or false')]),
    ...(version === undefined || ['string', 'number'].includes(typeof version) ? [] : [odd('version', version, 'a text or a number')]),
    ...Object.keys(others)
      .filter((key) => !KNOWN.includes(key))
      .map((key) => `${who} has a cache with '${key}', which is no setting of it; there are ${KNOWN.join(', ')}`),
  ]
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}

function durationMistakes(where: string, said: Duration | undefined): string[] {
  if (said === undefined) return []
  try {
    milliseconds(said)
    return []
  } catch (error) {
    return [`${where}: ${messageOf(error)}`]
  }
}
