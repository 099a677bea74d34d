import { milliseconds, type Duration } from '../kernel/duration.ts'
import type { BreakerPolicy, EdgeOptions, HedgingPolicy } from '../model/edge.ts'
import { balancers } from '../network/balance/balancers.ts'
import type { BreakerOptions } from '../network/resilience/breaker.ts'
import type { EdgePolicies } from '../network/edge-policies.ts'

/** What a way takes, of what the topology says of an edge. */
export function edgePolicies(said: EdgeOptions = {}): EdgePolicies {
  return {
    ...(said.attempts !== undefined && { attempts: said.attempts }),
    ...(said.breaker !== undefined && { breaker: breakerOf(said.breaker) }),
    ...(said.bulkhead && { bulkhead: said.bulkhead }),
    ...(said.hedging && { hedging: said.hedging === true ? {} : hedgingOf(said.hedging) }),
    ...(said.balancer && { balancer: balancers[said.balancer]() }),
    ...(said.balancer === 'consistent-hash' && { key: ({ identity }) => identity.subject }),
    ...(said.slowStart && { slowStart: { windowMs: milliseconds(said.slowStart) } }),
  }
}

function breakerOf(said: boolean | BreakerPolicy): BreakerOptions | false {
  if (typeof said === 'boolean') return said && {}
  const { window, open, openAtMost, ...counts } = said
  return { ...counts, ...ms('windowMs', window), ...ms('openMs', open), ...ms('openCapMs', openAtMost) }
}

function hedgingOf({ quantile, minimum }: HedgingPolicy): NonNullable<EdgePolicies['hedging']> {
  return { ...(quantile !== undefined && { quantile }), ...ms('minimumMs', minimum) }
}

function ms<Name extends string>(name: Name, said: Duration | undefined): { readonly [N in Name]?: number } {
  return said === undefined ? {} : ({ [name]: milliseconds(said) } as { [N in Name]: number })
}
