import { isRedisAddress } from '../../store/redis.ts'
import type { GatewayConfig, PolicyConfig, RedisConfig, Route, Upstream } from '../config.ts'
import type { GatewayParts, PolicyKind } from '../policy-kind.ts'
import { uncounted } from '../shared-limits.ts'
import { checkSchema } from './check-schema.ts'
import { choice } from './choice.ts'
import { GatewayDocument } from './document.ts'
import { frontTls, warnOfHosts, type WrittenTls } from './front-tls.ts'
import { mistakesError } from './mistake.ts'
import { NamedFiles } from './named-files.ts'
import type { Path } from './pointer.ts'
import { PolicyLists, spelledPolicies } from './policy-lists.ts'
import type { EnvironmentVariables, ReadOptions } from './read-options.ts'
import { routeOf, shadowing, take, type Taken, type WrittenRoute } from './routes.ts'
import { upstreamOf, type WrittenUpstream } from './upstreams.ts'
import { asList, asMap, isMap, type Written } from './written.ts'

export interface ConfigOptions extends Pick<ReadOptions, 'reads' | 'warn' | 'mayHaveExpired' | 'redisElsewhere'> {
  /** How messages name the file. */
  readonly name: string
  readonly kinds: readonly PolicyKind[]
  readonly env: EnvironmentVariables
  readonly parts: GatewayParts
}

interface IndexedRoute {
  readonly route: Route
  readonly index: number
}

/** What is known of a file while it is read. */
interface Reading {
  readonly document: GatewayDocument
  readonly value: Written
  readonly sound: (path: Path) => boolean
  readonly lists: PolicyLists
  readonly files: NamedFiles
}

/** What the text of a gateway file says, with its short forms spelt out. Throws `invalid_configuration` with all its mistakes. */
export function configOf(text: string, options: ConfigOptions): GatewayConfig {
  const { name, kinds, env, parts } = options
  const document = new GatewayDocument(text, env)
  if (document.value === null) document.reject([], "is empty; begin with upstreams: { blog: 'http://127.0.0.1:4001' } and routes: [{ to: blog }]")
  if (document.value === undefined || document.value === null) throw mistakesError(name, document.mistakes)

  const value = spelled(document.value, new Set(kinds.map((kind) => kind.name)))
  const sound = checkSchema(value, document, kinds)
  const map = asMap(value)
  const opening = map['redis'] === undefined ? parts : { ...parts, shared: uncounted }
  const withRedis = options.redisElsewhere === true ? { ...opening, shared: uncounted } : undefined
  const lists = new PolicyLists({ document, kinds, pipelines: asMap(map['pipelines']), parts: opening, withRedis, sound })
  const reading = { document, value: map, sound, lists, files: new NamedFiles(document, parts.directory, options) }
  const read = routes(reading)
  const tls = tlsOf(reading)
  if (tls) warnOfHosts(read, tls, document)
  const redis = redisOf(reading)
  const config = { upstreams: upstreams(reading), routes: read.map(({ route }) => route), ...(tls && { tls }), ...(redis && { redis }) }
  if (document.mistakes.length > 0) throw mistakesError(name, document.mistakes)
  for (const warning of document.warnings) options.warn?.(warning)
  return config
}

function spelled(value: unknown, kinds: ReadonlySet<string>): unknown {
  if (!isMap(value)) return value
  const { policies, pipelines, routes } = value
  return {
    ...value,
    ...(policies === undefined ? {} : { policies: spelledPolicies(policies, kinds) }),
    ...(isMap(pipelines) ? { pipelines: Object.fromEntries(Object.entries(pipelines).map(([name, list]) => [name, spelledPolicies(list, kinds)])) } : {}),
    ...(Array.isArray(routes) ? { routes: routes.map((route: unknown) => spelledRoute(route, kinds)) } : {}),
  }
}

function spelledRoute(route: unknown, kinds: ReadonlySet<string>): unknown {
  return isMap(route) && 'policies' in route ? { ...route, policies: spelledPolicies(route['policies'], kinds) } : route
}

function tlsOf({ document, value, sound, files }: Reading): GatewayConfig['tls'] {
  return value['tls'] === undefined || !sound(['tls']) ? undefined : frontTls(value['tls'] as WrittenTls, files, document)
}

/** What keys begin with in a Redis of which nothing else is said. */
const PREFIX = 'gateway:'

function redisOf({ document, value: { redis }, sound }: Reading): RedisConfig | undefined {
  if (redis === undefined || !sound(['redis'])) return undefined
  const { url, prefix = PREFIX } = typeof redis === 'string' ? { url: redis } : (redis as { readonly url: string; readonly prefix?: string })
  // not shown, since it may hold a password
  if (!isRedisAddress(url))
    document.reject(typeof redis === 'string' ? ['redis'] : ['redis', 'url'], 'is no address: what a password has of / ? # @ and : is percent-encoded')
  return { url, prefix }
}

function upstreams({ document, value, sound, files }: Reading): Readonly<Record<string, Upstream>> {
  const written = Object.entries(asMap(value['upstreams'])).filter(([name]) => sound(['upstreams', name]))
  return Object.fromEntries(written.map(([name, upstream]) => [name, upstreamOf(name, upstream as WrittenUpstream, document, files)]))
}

/** The routes, each with where it stands in the list. */
function routes(reading: Reading): readonly IndexedRoute[] {
  const { document, value, sound, lists } = reading
  const everywhere = lists.policies(value['policies'], ['policies'])
  const taken: Taken = new Map()
  const names = new Map<string, number>()
  return asList(value['routes']).flatMap((item, index) => {
    const path = ['routes', index]
    const own = lists.policies(asMap(item)['policies'], [...path, 'policies'])
    checkUpstream(asMap(item)['to'], path, [...everywhere, ...own], reading)
    if (!isMap(item) || !sound(path)) return []
    const route = routeOf(item as WrittenRoute, [...everywhere, ...own])
    // one that takes the same requests as another often has its name as well, which need not be said too
    if (!isShadowed(route, index, taken, document)) checkName(route, index, names, document)
    return [{ route, index }]
  })
}

/** Policies that answer themselves: a route with one of them needs no upstream. */
const answering: ReadonlySet<string> = new Set(['answer', 'redirect'])

function checkUpstream(to: unknown, path: Path, policies: readonly PolicyConfig[], { document, value }: Reading): void {
  if (to === undefined) {
    if (!policies.some(({ kind }) => answering.has(kind))) document.reject(path, 'lacks to, the upstream that its requests are sent to')
    return
  }
  const there = asMap(value['upstreams'])
  if (typeof to === 'string' && !Object.hasOwn(there, to)) {
    document.reject([...path, 'to'], `is ${document.quote([...path, 'to'], to)}; ${choice(to, Object.keys(there))}`)
  }
}

function isShadowed({ match }: Route, index: number, taken: Taken, document: GatewayDocument): boolean {
  const shadows = shadowing(match, taken)
  take(match, index, taken)
  if (shadows.length === 0) return false
  const which = shadows.map((shadow) => `routes[${shadow}] (line ${document.line(['routes', shadow])})`).join(' and ')
  const [takes, stands] = shadows.length === 1 ? ['takes', 'stands'] : ['take', 'stand']
  document.reject(['routes', index], `never matches: ${which} ${takes} the same requests and ${stands} before it; remove one, or say more in it`)
  return true
}

function checkName({ name }: Route, index: number, names: Map<string, number>, document: GatewayDocument): void {
  const other = names.get(name)
  names.set(name, other ?? index)
  if (other === undefined) return
  document.reject(['routes', index, 'name'], `is '${name}', as routes[${other}] on line ${document.line(['routes', other])} is called; call it otherwise`)
}
