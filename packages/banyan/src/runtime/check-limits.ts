import { milliseconds, type Duration } from '../kernel/duration.ts'
import { messageOf } from '../kernel/errors.ts'
import { rateOf } from '../limits/rate.ts'
import type { App } from '../model/app.ts'
import type { Limit, Limits, Quota, QuotaSizes } from '../model/limit.ts'
import type { ServiceFacts } from '../model/service.ts'
import { trustedProxies } from '../network/http/client-address.ts'

const KEYS = ['user', 'ip', 'tenant', 'operation']
const ALGORITHMS = ['token-bucket', 'gcra', 'sliding-window']
const KNOWN = {
  rate: ['rate', 'burst', 'algorithm', 'per', 'cost', 'name', 'also'],
  concurrency: ['concurrency', 'lease', 'per', 'name', 'also'],
  quota: ['perDay', 'perMonth', 'plans', 'plan', 'per', 'cost', 'name', 'also'],
}
/** Where whole numbers stay exact for a rate per day. */
const MOST = 10_000_000
/** GCRA spaces requests by whole microseconds, and ten of them are precise enough. */
const FASTEST_GCRA = 100_000
/** The longest that a lease makes sense for: nothing is answered that late. */
const LONGEST_LEASE_MS = 3_600_000

/** What is wrong with the limits of a service's operations. */
export function limitMistakes(service: string, { policies }: Pick<ServiceFacts, 'policies'>): string[] {
  return Object.entries(policies).flatMap(([operation, { limit = [], quota }]: [string, Limits<never>]) => {
    const where = `operation '${service}.${operation}'`
    const all = (Array.isArray(limit) ? limit : [limit]) as readonly Limit<never>[]
    return [...all.flatMap((one) => oneMistakes(`${where} has a limit`, one)), ...(quota === undefined ? [] : quotaMistakes(`${where} has a quota`, quota))]
  })
}

/** What is wrong with the proxies that an app trusts. */
export function proxyMistakes({ http: { trustedProxies: said, forwardedHeader = 'x-forwarded-for' } }: Pick<App, 'http'>): string[] {
  const header = ['x-forwarded-for', 'forwarded'].includes(forwardedHeader)
    ? []
    : [`http.forwardedHeader is '${forwardedHeader}'; it is 'x-forwarded-for' or 'forwarded'`]
  try {
    trustedProxies(said)
    return header
  } catch (error) {
    return [...header, messageOf(error)]
  }
}

function oneMistakes(where: string, limit: Limit<never>): string[] {
  if (typeof limit !== 'object' || limit === null) return [`${where} ${shown(limit)}; write { rate: '10/s' } or { concurrency: 5 }`]
  if ('concurrency' in limit)
    return [
      ...unknown(where, limit, KNOWN.concurrency),
      ...countMistakes(where, 'concurrency', limit.concurrency),
      ...leaseMistakes(where, limit.lease),
      ...countedMistakes(where, limit),
    ]
  return [...unknown(where, limit, KNOWN.rate), ...rateMistakes(where, limit), ...countedMistakes(where, limit)]
}

function rateMistakes(where: string, { rate, burst, algorithm = 'token-bucket', cost }: Exclude<Limit<never>, { concurrency: number }>): string[] {
  let read: ReturnType<typeof rateOf>
  try {
    read = rateOf(rate)
  } catch (error) {
    return [`${where} whose rate is wrong: ${messageOf(error)}`]
  }
  const { count, periodMs } = read
  const most = burst ?? count
  return [
    ...(count > MOST ? [`${where} of ${rate}; the count is ${MOST} at most`] : []),
    ...(burst === undefined ? [] : countMistakes(where, 'burst', burst)),
    ...(ALGORITHMS.includes(algorithm) ? [] : [`${where} with algorithm ${shown(algorithm)}; it is one of ${ALGORITHMS.join(', ')}`]),
    ...(algorithm === 'sliding-window' && burst !== undefined ? [`${where} with a burst and a sliding window, which has none; the rate says all`] : []),
    ...(algorithm === 'gcra' && count / (periodMs / 1_000) > FASTEST_GCRA
      ? [`${where} of ${rate} by GCRA, which goes up to ${FASTEST_GCRA}/s; take the token bucket`]
      : []),
    ...(typeof cost === 'number' && cost > most ? [`${where} that admits nothing: each request costs ${cost}, and there are ${most} at most`] : []),
  ]
}

function leaseMistakes(where: string, lease: Duration | undefined): string[] {
  if (lease === undefined) return []
  try {
    const ms = milliseconds(lease)
    return ms > 0 && ms <= LONGEST_LEASE_MS ? [] : [`${where} with a lease of ${lease}; it is more than nothing and an hour at most`]
  } catch (error) {
    return [`${where} whose lease is wrong: ${messageOf(error)}`]
  }
}

function quotaMistakes(where: string, quota: Quota<never>): string[] {
  const counted = [...unknown(where, quota, KNOWN.quota), ...countedMistakes(where, quota)]
  if (!('plans' in quota)) return [...counted, ...sizeMistakes(where, quota)]
  const plans = Object.entries(quota.plans)
  return [
    ...counted,
    ...(typeof quota.plan === 'function' ? [] : [`${where} with plans, but nothing says who has which; write plan: (identity) => …`]),
    ...('perDay' in quota || 'perMonth' in quota ? [`${where} with plans and a size of its own; put the size into a plan`] : []),
    ...(plans.length === 0 ? [`${where} without a plan`] : []),
    ...plans.flatMap(([plan, sizes]) => planMistakes(`${where} whose plan '${plan}'`, sizes)),
  ]
}

function planMistakes(where: string, sizes: QuotaSizes): string[] {
  return Object.entries(sizes).flatMap(([key, value]: [string, unknown]) =>
    key === 'perDay' || key === 'perMonth' ? countMistakes(where, key, value) : [`${where} has '${key}'; there are perDay and perMonth`],
  )
}

function sizeMistakes(where: string, { perDay, perMonth }: QuotaSizes): string[] {
  if (perDay === undefined && perMonth === undefined) return [`${where} without a size; write perDay, perMonth or plans`]
  return [
    ...(perDay === undefined ? [] : countMistakes(where, 'perDay', perDay)),
    ...(perMonth === undefined ? [] : countMistakes(where, 'perMonth', perMonth)),
  ]
}

interface Said {
  readonly per?: unknown
  readonly cost?: unknown
  readonly name?: unknown
  readonly also?: unknown
}

function countedMistakes(where: string, { per, cost, name, also }: Said): string[] {
  return [
    ...(also === undefined || also === 'services'
      ? []
      : [`${where} that is also for ${shown(also)}; it is 'services', or left out for requests from outside alone`]),
    ...(per === undefined || typeof per === 'function' || KEYS.includes(per as string)
      ? []
      : [`${where} per ${shown(per)}; it is one of ${KEYS.join(', ')}, or a function of the request`]),
    ...(cost === undefined || typeof cost === 'function' || (Number.isSafeInteger(cost) && (cost as number) >= 0)
      ? []
      : [`${where} with cost ${shown(cost)}; it is a whole number from 0, or a function of the input`]),
    ...(name === undefined || (typeof name === 'string' && /^[a-z][\w-]{0,31}$/.test(name))
      ? []
      : [`${where} with the name ${shown(name)}; a name has letters, digits and hyphens, 32 at most, and begins with a small letter`]),
  ]
}

function countMistakes(where: string, key: string, value: unknown): string[] {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST
    ? []
    : [`${where} with ${key} ${shown(value)}; it is a whole number from 1 to ${MOST}`]
}

function unknown(where: string, said: object, known: readonly string[]): string[] {
  return Object.keys(said)
    .filter((key) => !known.includes(key))
    .map((key) => `${where} with '${key}', which is no setting of it; there are ${known.join(', ')}`)
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
