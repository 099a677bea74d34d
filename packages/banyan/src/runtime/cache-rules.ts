import { scoped } from '../cache/service-cache.ts'
import { milliseconds, type Duration } from '../kernel/duration.ts'
import { anyone, type Access } from '../model/access.ts'
import type { CachePolicy } from '../model/cache.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Policy } from '../model/service.ts'
import type { CacheRules } from '../network/http/cache-rules.ts'

/** What browsers and caches are told of a query's answers, as its policy says. Only what anybody may see is for caches that serve many. */
export function cacheRules(
  { service, facts }: AnyOperation,
  access: Access<never, never>,
  { cache: policy, redact }: Policy & { readonly cache: CachePolicy },
): CacheRules {
  const tags = policy.tags as ((input: unknown, output: unknown) => readonly string[]) | undefined
  return {
    everybody: policy.shared === true && redact === undefined && access.text === anyone().text,
    session: facts.consistency === 'session',
    browser: seconds(policy.browser),
    cdn: seconds(policy.cdn ?? policy.ttl),
    staleWhileRevalidate: seconds(policy.staleWhileRevalidate),
    staleIfError: seconds(policy.staleIfError),
    tags: (input, output) => (tags ? scoped(service, tags(input, output)) : []),
  }
}

function seconds(duration: Duration = '0s'): number {
  return Math.floor(milliseconds(duration) / 1_000)
}
