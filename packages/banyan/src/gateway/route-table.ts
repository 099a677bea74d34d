import type { IncomingHttpHeaders } from 'node:http'
import type { Route, RouteMatch } from './config.ts'
import { pathTree, type PathTree } from './path-tree.ts'
import { segmentsOf } from './request-path.ts'

/** What a route is chosen by. */
export interface Asked {
  readonly method: string
  /** Percent-encoded, without the query. */
  readonly path: string
  readonly query: string
  readonly headers: Readonly<IncomingHttpHeaders>
}

export interface RouteTable<R> {
  /** Throws `malformed_request` for a path that servers read differently. */
  find(asked: Asked): R | undefined
}

interface Entry<R> {
  readonly route: R
  readonly match: RouteMatch
  /** Whether it answers the questions that browsers ask before they send (Fetch, CORS-preflight). */
  readonly preflights: boolean
  readonly index: number
}

interface Suffix<R> {
  /** `.example.com` */
  readonly suffix: string
  readonly tree: PathTree<Entry<R>>
}

/**
 * The most specific route that fits: one for the host before one for `*.example.com` before one for any; then by path; then one that names
 * the method, more headers, more of the query; then the one that stands first. (Kubernetes Gateway API, HTTPRouteRule)
 */
export function routeTable<R extends { readonly route: Pick<Route, 'match' | 'policies'> }>(routes: readonly R[]): RouteTable<R> {
  const exact = new Map<string, PathTree<Entry<R>>>()
  const suffixes: Suffix<R>[] = []
  const anywhere = pathTree<Entry<R>>(preference)

  function treeFor(host: string): PathTree<Entry<R>> {
    if (!host.startsWith('*.')) return stored(exact, host)
    const suffix = host.slice(1)
    const there = suffixes.find((one) => one.suffix === suffix)
    if (there) return there.tree
    const tree = pathTree<Entry<R>>(preference)
    suffixes.push({ suffix, tree })
    suffixes.sort((a, b) => b.suffix.length - a.suffix.length)
    return tree
  }

  for (const [index, route] of routes.entries()) {
    const { match, policies } = route.route
    const entry = { route, match, preflights: policies.some(({ kind }) => kind === 'cors'), index }
    if (match.hosts.length === 0) anywhere.add(match.path, entry)
    for (const host of match.hosts) treeFor(host.toLowerCase()).add(match.path, entry)
  }
  const byHost = exact.size > 0 || suffixes.length > 0

  return {
    find(asked) {
      const segments = segmentsOf(asked.path)
      const accepts = (entry: Entry<R>) => takes(entry, asked) && fits(entry.match, asked)
      if (!byHost) return anywhere.find(segments, accepts)?.route
      const host = hostOf(asked.headers.host)
      const found = exact.get(host)?.find(segments, accepts)
      if (found) return found.route
      for (const { suffix, tree } of suffixes) {
        const below = host.endsWith(suffix) && host.length > suffix.length ? tree.find(segments, accepts) : undefined
        if (below) return below.route
      }
      return anywhere.find(segments, accepts)?.route
    },
  }
}

function stored<R>(trees: Map<string, PathTree<Entry<R>>>, host: string): PathTree<Entry<R>> {
  const tree = trees.get(host) ?? pathTree<Entry<R>>(preference)
  trees.set(host, tree)
  return tree
}

function preference(a: Entry<unknown>, b: Entry<unknown>): number {
  const methods = Math.min(1, b.match.methods.length) - Math.min(1, a.match.methods.length)
  if (methods !== 0) return methods
  const headers = Object.keys(b.match.headers).length - Object.keys(a.match.headers).length
  if (headers !== 0) return headers
  const query = Object.keys(b.match.query).length - Object.keys(a.match.query).length
  return query === 0 ? a.index - b.index : query
}

function takes({ match: { methods }, preflights }: Entry<unknown>, { method, headers }: Asked): boolean {
  if (methods.length === 0 || methods.includes(method)) return true
  if (method === 'HEAD') return methods.includes('GET')
  const next = method === 'OPTIONS' && preflights ? headers['access-control-request-method'] : undefined
  return next !== undefined && methods.includes(next)
}

function fits({ headers, query }: RouteMatch, asked: Asked): boolean {
  for (const name in headers) if (asked.headers[name.toLowerCase()] !== headers[name]) return false
  for (const name in query) if (new URLSearchParams(asked.query).get(name) !== query[name]) return false
  return true
}

/** Without its port, and without the dot that a full name may end with. */
function hostOf(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
}
