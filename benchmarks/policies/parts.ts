import { Deadline } from '../../packages/banyan/src/kernel/deadline.ts'
import { endpointSet } from '../../packages/banyan/src/network/balance/endpoint-set.ts'
import { outlierDetector } from '../../packages/banyan/src/network/balance/outliers.ts'
import { breaker } from '../../packages/banyan/src/network/resilience/breaker.ts'
import { bulkhead } from '../../packages/banyan/src/network/resilience/bulkhead.ts'
import { concurrencyLimit } from '../../packages/banyan/src/network/resilience/concurrency.ts'
import { RetryBudget } from '../../packages/banyan/src/network/resilience/retry-budget.ts'

/** Makes so many calls, one after the other. */
export type Subject = (count: number) => void | Promise<void>

/** A moment that moves by a microsecond a call. */
let at = performance.now()
function moment(): number {
  return (at += 0.001)
}
function each(once: () => void): Subject {
  return (count) => {
    for (let call = 0; call < count; call++) once()
  }
}

/** Each policy without the others and without a call. */
export function parts() {
  const guard = breaker()
  const places = bulkhead({ name: 'prices', limit: 1_000 })
  const call = { deadline: Deadline.in(2 ** 31), aborted: false, signal: undefined }
  const budget = new RetryBudget()
  const adaptive = concurrencyLimit()
  const balanced = endpointSet()
  balanced.update(
    ['a', 'b', 'c'].map((id) => ({ id })),
    at,
  )
  const outliers = outlierDetector()
  outliers.know(balanced.all)
  return {
    'the clock, read once': each(() => void performance.now()),
    breaker: each(() => guard.end(guard.begin(moment()), 'success', at)),
    bulkhead: each(() => {
      void places.enter(call)
      places.leave(0.2)
    }),
    'retry budget': each(() => budget.deposit(moment())),
    'balancer and latency': each(() => {
      const endpoint = balanced.pick(moment())!
      endpoint.begin()
      endpoint.end(at, 0.2, 'success')
    }),
    'outlier detection': each(() => outliers.record(balanced.all[0]!, 'success', moment())),
    'limit that adapts': each(() => adaptive.record(0.2, 1, false, moment())),
  } satisfies Record<string, Subject>
}
