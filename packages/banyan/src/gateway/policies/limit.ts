import { BanyanError } from '../../kernel/errors.ts'
import { Gate } from '../../limits/gate.ts'
import { guardsOf, type Guard } from '../../limits/guard.ts'
import { memoryStore, type LimitStore } from '../../limits/stores.ts'
import type { LimitAlgorithm, RateText } from '../../model/limit.ts'
import type { Pass } from '../../model/pass.ts'
import type { EdgeRequest, Policy } from '../exchange.ts'
import type { JsonSchema } from '../file/schema-texts.ts'
import type { GatewayParts, PolicyKind } from '../policy-kind.ts'
import type { WhenAway } from '../shared-limits.ts'
import { problemAnswer } from './problem-answer.ts'

interface LimitSettings {
  readonly rate: RateText
  readonly burst?: number
  readonly per?: 'ip' | 'user' | 'tenant' | 'route'
  readonly algorithm?: LimitAlgorithm
  readonly store?: 'redis' | 'memory' | undefined
  readonly whenAway?: WhenAway | undefined
}

const rate = { type: 'string', pattern: '^[1-9]\\d*/[smhd]$', patternErrorMessage: "a rate such as '100/m': a number, and s, m, h or d" } satisfies JsonSchema

/** Bounds how often a route is asked; the form of what is declared on operations. */
export const limitPolicy: PolicyKind<RateText | LimitSettings> = {
  name: 'limit',
  schema: {
    description:
      'How often the route may be asked; more is answered 429 with Retry-After. A rate alone is one for each address. Of several in a row all must admit a request; when one refuses, none is spent.',
    type: ['string', 'object'],
    if: { type: 'string' },
    then: rate,
    else: {
      properties: {
        rate: { description: 'So many in a second, minute, hour or day: `10/s`, `100/m`.', ...rate },
        burst: { description: 'What may be asked at once after a pause; as much as the rate says unless said.', type: 'integer', minimum: 1 },
        per: {
          description: 'What has a count of its own: `ip`, unless said; `user`, whoever a policy before this one has found; `tenant`; `route`, all together.',
          enum: ['ip', 'user', 'tenant', 'route'],
        },
        algorithm: { description: 'How it is counted; `token-bucket` unless said.', enum: ['token-bucket', 'gcra', 'sliding-window'] },
        store: {
          description:
            'Where it is counted: in the `redis` of the file, for all gateways together, which is the default where one is named; or in the `memory` of each.',
          enum: ['redis', 'memory'],
        },
        whenAway: {
          description: 'While that Redis is away, `open`, unless said, lets each gateway count for itself, and `closed` answers 503.',
          enum: ['open', 'closed'],
        },
      },
      required: ['rate'],
      additionalProperties: false,
    },
  },
  describe: (settings) => ({
    answers: { 429: `Asked more often than ${typeof settings === 'string' ? settings : settings.rate}; Retry-After says when to come back` },
  }),
  open: (settings, parts) => limiting([settings], parts),
  openRow: limiting,
}

/** Limits that are asked together. */
function limiting(row: readonly (RateText | LimitSettings)[], parts: GatewayParts): Policy {
  const own = memoryStore()
  const limits = row.map((settings) => {
    const { store, whenAway, ...limit } = typeof settings === 'string' ? ({ rate: settings } as LimitSettings) : settings
    return { limit, store: storeOf({ store, whenAway }, parts) ?? own }
  })
  const gates = new Map<string, Gate>()
  const gateOf = ({ name }: EdgeRequest['route']): Gate => {
    const gate = gates.get(name) ?? new Gate(name, named(limits.map(({ limit, store }) => kept(store, name, limit))))
    gates.set(name, gate)
    return gate
  }
  return async (request, next) => {
    const { identity, client, route } = request
    const asked = gateOf(route).pass({ identity, address: client, operation: route.name, input: undefined })
    const pass = asked instanceof Promise ? await asked : asked
    if (pass.refusal) {
      request.outcome.refused = 'limit'
      return problemAnswer(pass.refusal, request, { ...fieldsOf(pass), ...retryAfter(pass.refusal.details['retryAfterMs']) })
    }
    const answer = await next(request)
    return { ...answer, headers: { ...answer.headers, ...fieldsOf(pass) } }
  }
}

/** `undefined`: one of its own. */
function storeOf({ store, whenAway }: Pick<LimitSettings, 'store' | 'whenAway'>, { shared, limits }: GatewayParts): LimitStore | undefined {
  const there = store !== 'memory' && shared
  if (there) return there.stores[whenAway ?? there.usual]
  if (store === 'redis' || (whenAway !== undefined && store === undefined))
    throw new BanyanError(
      'invalid_configuration',
      `${store === 'redis' ? 'store' : 'whenAway'} speaks of a Redis, and none is named; write redis: \${REDIS_URL} at the top of the file, or in an app limits: redis(…) in the topology`,
    )
  if (whenAway !== undefined)
    throw new BanyanError('invalid_configuration', 'whenAway speaks of a Redis, and store is memory, which is never away; leave one of them out')
  return limits
}

/** By the store and the limit: one that a new configuration says as before goes on counting, whatever stands beside it. */
const guards = new WeakMap<LimitStore, Map<string, Guard>>()

function kept(store: LimitStore, route: string, { per = 'ip', ...said }: LimitSettings): Guard {
  const known = guards.get(store) ?? new Map<string, Guard>()
  guards.set(store, known)
  const key = JSON.stringify([route, per, said])
  const limit = { ...said, per: per === 'route' ? 'operation' : per, name: per } as const
  const guard = known.get(key) ?? guardsOf(route, { limit }, store)[0]!
  known.set(key, guard)
  return guard
}

/** Each once, under a name that clients can tell from the others. */
function named(row: readonly Guard[]): readonly Guard[] {
  const counts = new Map<string, number>()
  return [...new Set(row)].map((guard) => {
    const count = (counts.get(guard.name) ?? 0) + 1
    counts.set(guard.name, count)
    return count === 1 ? guard : { ...guard, name: `${guard.name}-${count}` }
  })
}

function fieldsOf({ policy, state }: Pass): Readonly<Record<string, string>> {
  return policy === '' ? {} : { 'ratelimit-policy': policy, ratelimit: state }
}

function retryAfter(ms: unknown): Readonly<Record<string, string>> {
  return typeof ms === 'number' ? { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) } : {}
}
