import { milliseconds, type Duration } from '../kernel/duration.ts'
import { messageOf } from '../kernel/errors.ts'
import type { EdgeOptions } from '../model/edge.ts'
import { balancers } from '../network/balance/balancers.ts'

/** What is wrong with a value; `undefined`: nothing. */
type Check = (value: unknown) => string | undefined
type Checks = Readonly<Record<string, Check>>

const count =
  (least: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least ? undefined : `it is a whole number from ${least}`
/** Between 0 and 1, without the bounds that say nothing. */
const share =
  (most: 'and' | 'below'): Check =>
  (value) =>
    typeof value === 'number' && value > 0 && (value < 1 || (most === 'and' && value === 1))
      ? undefined
      : `it is above 0 and ${most === 'and' ? 'at most' : 'below'} 1`
const duration: Check = (value) => {
  if (typeof value !== 'string') return "it is a text such as '300ms' or '5s'"
  try {
    milliseconds(value as Duration)
    return undefined
  } catch (error) {
    return messageOf(error).replace(/^.*?; /, '')
  }
}
const name =
  (names: readonly string[]): Check =>
  (value) =>
    names.includes(value as string) ? undefined : `it is one of ${names.join(', ')}`

const breaker = {
  failureRatio: share('and'),
  minimumCalls: count(1),
  consecutiveFailures: count(1),
  window: duration,
  probes: count(1),
  open: duration,
  openAtMost: duration,
}
const edge: { readonly [Name in keyof EdgeOptions]-?: Check | { readonly inside: Checks; readonly flag: boolean } } = {
  attempts: count(1),
  breaker: { inside: breaker, flag: true },
  bulkhead: { inside: { limit: count(1), queue: count(0) }, flag: false },
  hedging: { inside: { quantile: share('below'), minimum: duration }, flag: true },
  balancer: name(Object.keys(balancers)),
  slowStart: duration,
}

/** What is wrong with what a topology says of an edge; `where` names it. */
export function edgeMistakes(where: string, said: EdgeOptions): string[] {
  return Object.entries(said).flatMap(([key, value]) => {
    const check = (edge as Readonly<Record<string, (typeof edge)[keyof EdgeOptions]>>)[key]
    if (check === undefined) return [unknown(where, key, Object.keys(edge))]
    if (typeof check === 'function') return mistake(where, key, value, check)
    if (check.flag && typeof value === 'boolean') return []
    if (typeof value !== 'object' || value === null)
      return mistake(where, key, value, () => `it is ${check.flag ? 'true, false or ' : ''}an object with ${Object.keys(check.inside).join(', ')}`)
    return insideMistakes(where, key, value, check.inside)
  })
}

function insideMistakes(where: string, key: string, said: object, checks: Checks): string[] {
  return Object.entries(said).flatMap(([inner, value]) => {
    const check = checks[inner]
    return check ? mistake(where, `${key}.${inner}`, value, check) : [unknown(where, `${key}.${inner}`, Object.keys(checks))]
  })
}

function mistake(where: string, key: string, value: unknown, check: Check): string[] {
  const problem = value === undefined ? undefined : check(value)
  return problem === undefined ? [] : [`${where} with ${key} ${shown(value)}; ${problem}`]
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}

function unknown(where: string, key: string, known: readonly string[]): string {
  return `${where} with '${key}', which is no setting; there are ${known.join(', ')}`
}
