import { milliseconds } from '../kernel/duration.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { ConcurrencyLimit, Limit, LimitKey, LimitRequest, Limits, Quota, QuotaSizes, RateLimit } from '../model/limit.ts'
import type { Awaitable } from '../model/schema.ts'
import type { Algorithm } from './algorithm.ts'
import type { Limiter, Taken } from './decision.ts'
import { gcra } from './gcra.ts'
import { limitKey } from './limit-key.ts'
import type { Span } from './quota.ts'
import { rateOf } from './rate.ts'
import { slidingWindow } from './sliding-window.ts'
import type { LimitStore } from './stores.ts'
import { tokenBucket } from './token-bucket.ts'

/** One limit of one operation. */
export interface Guard {
  /** What clients know it by; unique within the operation. */
  readonly name: string
  /** As messages have it: `10/s`. */
  readonly text: string
  /** In which `limit` of a decision holds; `undefined`: no fixed time. */
  readonly windowMs: number | undefined
  /** Whether it is over with the answer, and then given back. */
  readonly held: boolean
  /** Whether it goes by what was sent. */
  readonly needsInput: boolean
  /** Whether it counts calls of services as well. */
  readonly services: boolean
  /** `undefined`: it has nothing to say of this request. */
  take(request: LimitRequest): Awaitable<Taken | undefined>
}

const CONCURRENCY_LEASE = '60s'

/** The limits of one operation, in the order of their declaration. Throws `invalid_configuration` for a text that is no rate or duration. */
export function guardsOf(operation: string, { limit = [], quota }: Limits<never>, store: LimitStore): readonly Guard[] {
  const names = new Set<string>()
  const named = (name: string): string => {
    let unique = name
    for (let count = 2; names.has(unique); count++) unique = `${name}-${count}`
    names.add(unique)
    return unique
  }
  const limits = (Array.isArray(limit) ? limit : [limit]) as readonly Limit<never>[]
  return [...limits.map((one) => limitGuard(operation, one, named, store)), ...(quota ? quotaGuards(operation, quota, named, store) : [])]
}

function limitGuard(operation: string, limit: Limit<never>, named: (name: string) => string, store: LimitStore): Guard {
  const { per = 'user' } = limit
  const name = named(limit.name ?? (typeof per === 'string' ? per : 'limit'))
  return 'rate' in limit ? rateGuard(`${operation}:${name}`, name, limit, store) : concurrencyGuard(`${operation}:${name}`, name, limit, store)
}

function rateGuard(id: string, name: string, limit: RateLimit<never>, store: LimitStore): Guard {
  const algorithm = algorithmOf(limit)
  const limiter = store.rate(algorithm, id)
  const { cost, per = 'user' } = limit
  return {
    name,
    text: limit.rate,
    windowMs: algorithm.windowMs,
    held: false,
    needsInput: typeof cost === 'function' || typeof per === 'function',
    services: limit.also === 'services',
    take: (request) => limiter.take(limitKey(per, request), costOf(cost, request)),
  }
}

/** The arithmetic that a declaration asks for. */
export function algorithmOf({ rate, burst, algorithm = 'token-bucket' }: Pick<RateLimit, 'rate' | 'burst' | 'algorithm'>): Algorithm {
  const read = rateOf(rate)
  if (algorithm === 'sliding-window') return slidingWindow(read)
  return (algorithm === 'gcra' ? gcra : tokenBucket)(read, burst ?? read.count)
}

function concurrencyGuard(
  id: string,
  name: string,
  { concurrency, lease = CONCURRENCY_LEASE, per = 'user', also }: ConcurrencyLimit<never>,
  store: LimitStore,
): Guard {
  const limiter = store.concurrency({ limit: concurrency, leaseMs: milliseconds(lease) }, id)
  return {
    name,
    text: `${concurrency} at once`,
    windowMs: undefined,
    held: true,
    needsInput: typeof per === 'function',
    services: also === 'services',
    take: (request) => limiter.take(limitKey(per, request), 1),
  }
}

function quotaGuards(operation: string, quota: Quota<never>, named: (name: string) => string, store: LimitStore): readonly Guard[] {
  const sizes = 'plans' in quota ? Object.values(quota.plans) : [quota]
  const spans: readonly (readonly [Span, keyof QuotaSizes])[] = [
    ['day', 'perDay'],
    ['month', 'perMonth'],
  ]
  return spans
    .filter(([, key]) => sizes.some((size) => size[key] !== undefined))
    .map(([span, key]) => {
      const name = named(quota.name === undefined ? span : `${quota.name}-${span}`)
      return quotaGuard(`${operation}:${name}`, name, quota, { span, key }, store)
    })
}

function quotaGuard(id: string, name: string, quota: Quota<never>, { span, key }: { span: Span; key: keyof QuotaSizes }, store: LimitStore): Guard {
  const limiterOf = (sizes: QuotaSizes): Limiter | undefined => {
    const limit = sizes[key]
    return limit === undefined ? undefined : store.quota(span, limit, id)
  }
  const byPlan = 'plans' in quota ? new Map(Object.entries(quota.plans).map(([plan, sizes]) => [plan, limiterOf(sizes)])) : undefined
  const forAll = 'plans' in quota ? undefined : limiterOf(quota)
  const per: LimitKey<never> = quota.per ?? 'user'
  const find = ({ identity, operation }: LimitRequest): Limiter | undefined => {
    if (!('plans' in quota) || !byPlan) return forAll
    const plan = quota.plan(identity)
    if (byPlan.has(plan)) return byPlan.get(plan)
    throw new BanyanError('internal', `the quota of ${operation} has no plan '${plan}'; it has ${[...byPlan.keys()].join(', ')}`)
  }
  return {
    name,
    text: `a quota per ${span}`,
    windowMs: span === 'day' ? milliseconds('1d') : undefined,
    held: false,
    needsInput: typeof quota.cost === 'function' || typeof per === 'function',
    services: quota.also === 'services',
    take: (request) => find(request)?.take(limitKey(per, request), costOf(quota.cost, request)),
  }
}

function costOf(cost: number | ((input: never) => number) | undefined, { input, operation }: LimitRequest): number {
  if (typeof cost !== 'function') return cost ?? 1
  const found = cost(input as never)
  if (Number.isSafeInteger(found) && found >= 0) return found
  throw new BanyanError('internal', `the cost of a request to ${operation} is ${found}; a cost is a whole number from 0`)
}
