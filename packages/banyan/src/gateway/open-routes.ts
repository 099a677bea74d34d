import { BanyanError } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import type { GatewayConfig, PolicyConfig, Route, Upstream } from './config.ts'
import type { EdgeAnswer, EdgeRequest, Policy } from './exchange.ts'
import { OutcomeMeter } from '../network/http/outcome-meter.ts'
import type { GatewayParts, PolicyKind } from './policy-kind.ts'
import { routeTable, type RouteTable } from './route-table.ts'
import { UpstreamWay } from './upstream-way.ts'

/** Asks policies one after the other, and at last the upstream. */
export type Pipeline = (request: EdgeRequest, last: (request: EdgeRequest) => Promise<EdgeAnswer>) => Promise<EdgeAnswer>

/** A route that requests can take. */
export interface OpenRoute {
  readonly route: Route
  /** `undefined`: one of its policies answers. */
  readonly way: UpstreamWay | undefined
  /** `undefined`: no policy looks at what passes. */
  readonly pipeline: Pipeline | undefined
  readonly meter: OutcomeMeter
}

/** All that a configuration says, made usable. */
export interface OpenRoutes {
  readonly config: GatewayConfig
  readonly routes: readonly OpenRoute[]
  readonly table: RouteTable<OpenRoute>
  readonly ways: ReadonlyMap<string, UpstreamWay>
}

export interface OpenOptions {
  readonly kinds: readonly PolicyKind[]
  readonly parts: GatewayParts
  readonly log: Log
}

/** Opens a configuration. What is as in `before` is kept, with its connections, breakers and counts. Throws `invalid_configuration`. */
export async function openRoutes(config: GatewayConfig, { kinds, parts, log }: OpenOptions, before?: OpenRoutes): Promise<OpenRoutes> {
  const names = Object.keys(config.upstreams)
  // first, so that where one of them cannot be opened there is no way that would have to be let go again
  const pipelines = config.routes.map((route) => {
    if (!names.includes(route.to)) checkAnswered(route, names)
    const policies = rowsOf(route.policies).map((row) => openRow(row, kinds, parts))
    return policies.length === 0 ? undefined : pipelineOf(policies)
  })
  const ways = new Map<string, UpstreamWay>()
  for (const [name, upstream] of Object.entries(config.upstreams)) {
    const there = before?.ways.get(name)
    ways.set(name, there && isSame(there.upstream, upstream) ? there : UpstreamWay.open(upstream, log))
  }
  const routes = config.routes.map((route, index): OpenRoute => {
    const counted = before?.routes.find((one) => one.route.name === route.name)?.meter ?? new OutcomeMeter()
    return { route, way: ways.get(route.to), pipeline: pipelines[index], meter: counted }
  })
  return { config, routes, table: routeTable(routes), ways }
}

/** The way of a route on which no policy has answered. Throws `not_found` where it has none. */
export function wayOf({ route, way }: OpenRoute): UpstreamWay {
  if (way) return way
  throw new BanyanError(
    'not_found',
    `route '${route.name}' leads to no upstream, and none of its policies has answered; give it 'to', or a policy that answers`,
  )
}

function checkAnswered({ name, to, policies }: Route, upstreams: readonly string[]): void {
  const known = upstreams.length === 0 ? 'there are no upstreams' : `the upstreams are ${upstreams.join(', ')}`
  if (to !== '') throw new BanyanError('invalid_configuration', `route '${name}' leads to '${to}'; ${known}`)
  if (policies.length === 0)
    throw new BanyanError('invalid_configuration', `route '${name}' leads nowhere and has no policy that answers; say where it leads to; ${known}`)
}

/** What an upstream says of itself makes it no other. */
function isSame({ openapi: _a, ...a }: Upstream, { openapi: _b, ...b }: Upstream): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Neighbours of one kind together. */
function rowsOf(policies: readonly PolicyConfig[]): readonly (readonly [PolicyConfig, ...PolicyConfig[]])[] {
  const rows: [PolicyConfig, ...PolicyConfig[]][] = []
  for (const policy of policies) {
    const last = rows.at(-1)
    if (last?.[0].kind === policy.kind) last.push(policy)
    else rows.push([policy])
  }
  return rows
}

function openRow(row: readonly [PolicyConfig, ...PolicyConfig[]], kinds: readonly PolicyKind[], parts: GatewayParts): Policy {
  const [{ kind, line }] = row
  const known = kinds.find(({ name }) => name === kind)
  if (!known)
    throw new BanyanError('invalid_configuration', `line ${line} names the policy '${kind}'; the kinds are ${kinds.map(({ name }) => name).join(', ')}`)
  const settings = row.map((policy) => policy.settings as never)
  if (known.openRow) return known.openRow(settings, parts)
  const [first, ...rest] = settings.map((one) => known.open(one, parts))
  return rest.length === 0 ? first! : pipelineOf([first!, ...rest])
}

function pipelineOf(policies: readonly Policy[]): Pipeline {
  return policies.reduceRight<Pipeline>(
    (rest, policy) => (request, last) => policy(request, (next) => rest(next, last)),
    (request, last) => last(request),
  )
}
