import findMyWay from 'find-my-way'
import type { AnyOperation, Method } from '../../model/operation.ts'
import type { Awaitable } from '../../model/schema.ts'
import type { Exchange } from './exchange.ts'
import type { OutcomeMeter } from './outcome-meter.ts'
import type { ProblemContext } from './problem.ts'
import type { Reply } from './reply.ts'
import type { PathParameters } from './routes.ts'

/** What stands behind one method of one path. */
export interface Endpoint {
  readonly method: Method
  /** `/orders/:orderId` */
  readonly path: string
  /** Who is answered: what errors may tell. */
  readonly to: ProblemContext['to']
  readonly operation?: AnyOperation
  /** What counts its requests. */
  readonly meter?: OutcomeMeter
  /** The reply, or `undefined` when it is written already. */
  answer(exchange: Exchange, parameters: PathParameters): Awaitable<Reply | undefined>
}

const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export interface EndpointTable {
  find(method: string, path: string): { readonly endpoint: Endpoint; readonly parameters: PathParameters } | 'malformed' | undefined
  /** The methods that a path has, for `Allow`; empty: none. */
  allowed(path: string): readonly string[]
  /** Paths that begin like this one, for a hint. */
  near(path: string): readonly string[]
}

// endpoints stand in the routes' stores: find-my-way's own handlers are not used
const nothing = (): void => undefined

/** Finds the endpoint of a request; a fixed path segment wins over a parameter. */
export function endpointTable(endpoints: readonly Endpoint[]): EndpointTable {
  const router = findMyWay({ maxParamLength: 4096, onBadUrl: nothing })
  for (const endpoint of endpoints) router.on(endpoint.method, endpoint.path, nothing, endpoint)

  function find(method: string, path: string): ReturnType<EndpointTable['find']> {
    const found = router.find(method === 'HEAD' ? 'GET' : (method as Method), path)
    if (found === null) return undefined
    const endpoint = found.store as Endpoint | null
    return endpoint ? { endpoint, parameters: found.params } : 'malformed' // find-my-way's answer to a broken escape has no store
  }
  return {
    find,
    allowed(path) {
      const own = methods.filter((method) => typeof find(method, path) === 'object')
      return own.length === 0 ? [] : [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
    },
    near(path) {
      const first = path.split('/')[1]
      return endpoints
        .filter((endpoint) => endpoint.to === 'outside' && endpoint.path.split('/')[1] === first)
        .map((endpoint) => `${endpoint.method} ${endpoint.path}`)
    },
  }
}
