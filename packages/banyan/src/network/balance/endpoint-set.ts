import { peakEwma, type Balancer } from './balancer.ts'
import { Endpoint, type Instance } from './endpoint.ts'
import { outlierDetector, type OutlierDetector } from './outliers.ts'
import type { SlowStart } from './slow-start.ts'

export interface EndpointSetOptions {
  readonly balancer?: Balancer
  readonly outliers?: OutlierDetector
  readonly slowStart?: SlowStart
  /** Where the caller is: endpoints there are preferred. */
  readonly zone?: string | undefined
  /** Calls under way at a near endpoint of weight 1 above which farther ones are used as well; 100 unless said. */
  readonly saturation?: number
}

export interface EndpointSet {
  /** The instances there are at `at`. Those that stay keep what is known of them; the first ones are not spared as new. */
  update(instances: readonly Instance[], at: number): void
  /** The endpoint for a call, if possible none of `except`; `undefined` when there is none. */
  pick(at: number, key?: string, except?: readonly Endpoint[]): Endpoint | undefined
  readonly all: readonly Endpoint[]
}

/** Below this share of near endpoints in use, all are used. */
const NEAR_ENOUGH = 0.5

/** The endpoints of one unit, and which of them gets the next call: a near and healthy one while there are enough. */
export function endpointSet({
  balancer = peakEwma(),
  outliers = outlierDetector(),
  slowStart = {},
  zone,
  saturation = 100,
}: EndpointSetOptions = {}): EndpointSet {
  let all: readonly Endpoint[] = []
  let usable: readonly Endpoint[] = []
  let near: readonly Endpoint[] = []

  function choose(from: readonly Endpoint[]): void {
    usable = near = from
    if (zone === undefined) return
    const here = ({ instance }: Endpoint) => instance.zone === zone
    const nearUsable = from.filter(here)
    if (nearUsable.length > 0 && nearUsable.length >= NEAR_ENOUGH * all.filter(here).length) near = nearUsable
  }

  return {
    update(instances, at) {
      const known = new Map(all.map((endpoint) => [endpoint.instance.id, endpoint]))
      const first = all.length === 0
      all = instances.map((instance) => {
        const endpoint = known.get(instance.id)
        if (endpoint && endpoint.instance.weight === instance.weight && endpoint.instance.zone === instance.zone) return endpoint
        return new Endpoint(instance, at, first || endpoint ? undefined : slowStart)
      })
      outliers.know(all)
      choose(outliers.usable(at))
    },
    pick(at, key, except) {
      const now = outliers.usable(at)
      if (now !== usable) choose(now)
      if (usable.length === 0) return undefined
      if (except !== undefined && except.length > 0) {
        const others = without(near, except) ?? without(usable, except) ?? without(all, except)
        if (others) return balancer.pick(others, at, key)
      }
      const picked = balancer.pick(near, at, key)
      return near === usable || picked.pending < saturation * picked.weight ? picked : balancer.pick(usable, at, key)
    },
    get all() {
      return all
    },
  }
}

function without(endpoints: readonly Endpoint[], except: readonly Endpoint[]): readonly Endpoint[] | undefined {
  const others = endpoints.filter((endpoint) => !except.includes(endpoint))
  return others.length > 0 ? others : undefined
}
