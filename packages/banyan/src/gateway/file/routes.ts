import { canonicalJson } from '../../kernel/json.ts'
import type { PolicyConfig, Route, RouteMatch } from '../config.ts'

/** A route as the schema lets it be written. */
export interface WrittenRoute {
  readonly name?: string
  readonly path?: string
  readonly host?: string | readonly string[]
  readonly method?: string | readonly string[]
  readonly headers?: Readonly<Record<string, string | number | boolean>>
  readonly query?: Readonly<Record<string, string | number | boolean>>
  readonly to?: string
}

/** A route with everything said; its name is made of what it matches where it has none. */
export function routeOf(written: WrittenRoute, policies: readonly PolicyConfig[]): Route {
  const match: RouteMatch = {
    path: written.path ?? '/*',
    hosts: list(written.host).map((host) => host.toLowerCase()),
    methods: list(written.method),
    // field names have no case (RFC 9110 §5.1); parameters of a query have
    headers: texts(written.headers, (name) => name.toLowerCase()),
    query: texts(written.query, (name) => name),
  }
  return { name: written.name ?? nameOf(match), match, to: written.to ?? '', policies }
}

/** `GET,POST api.example.com/orders?v=2`: what tells a route from others, as short as it can be said. */
function nameOf({ path, hosts, methods, headers, query }: RouteMatch): string {
  const parameters = Object.entries(query).map(([name, value]) => `${name}=${value}`)
  const where = `${hosts.join(',')}${path}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`
  const fields = Object.entries(headers).map(([name, value]) => `${name}:${value}`)
  return [...(methods.length === 0 ? [] : [methods.join(',')]), where, ...fields].join(' ')
}

function list(written: string | readonly string[] | undefined): readonly string[] {
  if (written === undefined) return []
  return typeof written === 'string' ? [written] : written
}

function texts(written: WrittenRoute['headers'], named: (name: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(written ?? {}).map(([name, value]) => [named(name), String(value)]))
}

/** The requests that the routes read so far take, and by which of them. */
export type Taken = Map<string, number>

/**
 * The earlier routes that leave a route nothing to match: together they take all its hosts and methods, with the same path, headers and
 * query. A route that says more is more specific and goes before, wherever it stands; it is never in vain.
 */
export function shadowing(route: RouteMatch, taken: Taken): readonly number[] {
  const by = requestsOf(route).map((request) => taken.get(request))
  return by.every((index) => index !== undefined) ? [...new Set(by)].sort((a, b) => a - b) : []
}

/** Notes what a route takes, unless another has taken it. A route for GET takes HEAD as well. */
export function take(route: RouteMatch, index: number, taken: Taken): void {
  const methods = route.methods.includes('GET') ? [...route.methods, 'HEAD'] : route.methods
  for (const request of requestsOf({ ...route, methods })) if (!taken.has(request)) taken.set(request, index)
}

/** One text for each host and method that a route takes, equal for routes that take the same requests. */
function requestsOf({ path, hosts, methods, headers, query }: RouteMatch): readonly string[] {
  const shape = path
    .replaceAll(/:[^/]+/g, ':')
    .split('/')
    .filter((segment) => segment !== '')
  const rest = canonicalJson([shape, headers, query])
  const some = (values: readonly string[]) => (values.length === 0 ? ['*'] : values)
  return some(hosts).flatMap((host) => some(methods).map((method) => `${method} ${host} ${rest}`))
}
