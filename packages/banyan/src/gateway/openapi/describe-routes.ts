import type { ForeignDescription } from '../../network/http/foreign.ts'
import type { PlacedNode } from '../../network/http/path-table.ts'
import type { GatewayConfig, Upstream } from '../config.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { matchPath, writePath } from '../policies/path-pattern.ts'
import { foreignDocument, type ForeignDocument, type ForeignOperation } from './foreign-document.ts'
import type { Node } from './modern-document.ts'
import { routeFacts, type RouteFacts } from './route-facts.ts'
import { both, SecuritySchemes, type Security } from './security-schemes.ts'

const USUAL = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

/** What a configuration serves: the operations that foreign servers describe, under the paths of its routes, and routes to those that describe none. */
export function describeRoutes({ routes, upstreams }: GatewayConfig, kinds: readonly PolicyKind[]): ForeignDescription {
  const schemes = new SecuritySchemes()
  const documents = documentsOf(upstreams)
  const ids = new Set<string>()
  // a route whose path leaves nothing open goes before those that take more
  const ordered = routes.toSorted((a, b) => open(a.match.path) - open(b.match.path))
  const described = ordered.map((route) => {
    const facts = routeFacts(route, kinds)
    const [said, security] = [facts.ends ? undefined : documents.get(route.to), schemes.of(facts)]
    const placed = said === undefined ? [] : placedOperations(facts, said, security)
    return placed.length > 0 ? placed : plainOperations(facts, security)
  })
  const operations = described
    .flat()
    .map(({ node, ...at }): PlacedNode => ({ ...at, node: { ...node, operationId: unused(String(node['operationId']), ids) } }))
  const components: Record<string, Record<string, unknown>> = {}
  for (const { components: some } of documents.values()) for (const [kind, nodes] of Object.entries(some)) components[kind] = { ...components[kind], ...nodes }
  components['securitySchemes'] = { ...components['securitySchemes'], ...schemes.all() }
  return { operations, tags: [...new Set(operations.flatMap(({ node }) => node['tags'] as readonly string[]))], components }
}

function documentsOf(upstreams: Readonly<Record<string, Upstream>>): ReadonlyMap<string, ForeignDocument> {
  return new Map(
    Object.values(upstreams).flatMap(({ name, openapi, targets }) => {
      if (!openapi) return []
      const base = (URL.parse(targets[0]?.url ?? '')?.pathname ?? '').replace(/\/$/, '')
      return [[name, foreignDocument(name, openapi.document, base)] as const]
    }),
  )
}

/** The operations of a document that a route leads to, where clients find them. */
function placedOperations(facts: RouteFacts, { operations }: ForeignDocument, security: Security): readonly PlacedNode[] {
  const { route, sent } = facts
  return operations.flatMap((operation): readonly PlacedNode[] => {
    if (!takes(route.match.methods, operation.method)) return []
    const found = matchPath(sent, operation.path)
    if (!found) return []
    const names = Object.fromEntries([...route.match.path.matchAll(/:([^/]+)/g)].map(([, name]) => [name!, `{${name}}`]))
    const path = writePath(route.match.path, { ...found, parameters: { ...names, ...found.parameters } })
    return [{ path, method: operation.method, node: placedNode(facts, operation, path, security) }]
  })
}

function takes(methods: readonly string[], method: string): boolean {
  return methods.length === 0 || methods.includes(method.toUpperCase()) || (method === 'head' && methods.includes('GET'))
}

function placedNode(facts: RouteFacts, { method, path: asked, node }: ForeignOperation, path: string, security: Security): Node {
  const { route, deprecated } = facts
  const own = ((node['parameters'] ?? []) as readonly Node[]).filter((one) => one['in'] !== 'path' || path.includes(`{${String(one['name'])}}`))
  const parameters = [...own, ...pathParameters(path, own), ...facts.parameters.filter((one) => !own.some((other) => isSame(one, other)))]
  return {
    ...node,
    operationId: `${route.to}.${(node['operationId'] as string | undefined) ?? `${method} ${asked}`}`,
    tags: [route.to],
    summary: node['summary'] ?? `${method.toUpperCase()} ${asked}`,
    'x-route': route.name,
    ...accessOf(facts),
    security: both(security, node['security'] as Security),
    ...(parameters.length > 0 && { parameters }),
    ...(deprecated && { deprecated: true, 'x-deprecation': deprecated }),
    responses: { ...answersOf(facts), ...(node['responses'] as Node) },
  }
}

/** A route whose server says nothing of itself. */
function plainOperations(facts: RouteFacts, security: Security): readonly PlacedNode[] {
  const { route, deprecated, ends } = facts
  const path = route.match.path.replaceAll(/:([^/]+)/g, '{$1}').replace(/\*$/, '{rest}')
  const methods = route.match.methods.length > 0 ? route.match.methods : ends ? ['GET'] : USUAL
  const parameters = [...pathParameters(path, []), ...facts.parameters]
  const where = route.match.hosts.length === 0 ? undefined : `At ${route.match.hosts.join(', ')}.`
  const leads = ends ? undefined : `Passed on to ${route.to}.`
  return methods.map((method) => ({
    path,
    method: method.toLowerCase(),
    node: {
      operationId: `gateway.${route.name}.${method.toLowerCase()}`,
      tags: [ends ? 'gateway' : route.to],
      summary: route.name,
      description: [leads, where].filter((text) => text !== undefined).join(' '),
      'x-route': route.name,
      ...accessOf(facts),
      security,
      ...(parameters.length > 0 && { parameters }),
      ...(!ends && ['POST', 'PUT', 'PATCH'].includes(method) && { requestBody: { content: { '*/*': { schema: {} } } } }),
      ...(deprecated && { deprecated: true, 'x-deprecation': deprecated }),
      responses: { ...answersOf(facts), ...(!ends && { default: { description: `What ${route.to} answers` } }) },
    },
  }))
}

function answersOf({ answers, ends }: RouteFacts): Node {
  return Object.fromEntries(Object.entries(answers).map(([status, description]) => [status, { description, ...(!ends && { content: problem }) }]))
}

function accessOf({ security }: RouteFacts): Node {
  const needed = security.filter(({ optional }) => optional !== true)
  return needed.length === 0 ? {} : { 'x-access': needed.map(({ who }) => who).join(' and ') }
}

/** Those of a path that nothing is said of. */
function pathParameters(path: string, known: readonly Node[]): readonly Node[] {
  return [...path.matchAll(/\{([^}]*)\}/g)]
    .map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      ...(name === 'rest' && { description: 'Anything below, with its slashes, or nothing.' }),
      schema: { type: 'string' },
    }))
    .filter((one) => !known.some((other) => isSame(one, other)))
}

function isSame(a: Node, b: Node): boolean {
  return a['in'] === b['in'] && String(a['name']).toLowerCase() === String(b['name']).toLowerCase()
}

/** How much a pattern leaves open. */
function open(path: string): number {
  return path.endsWith('*') ? 2 : path.includes('/:') ? 1 : 0
}

function unused(id: string, ids: Set<string>): string {
  let free = id
  for (let at = 2; ids.has(free); at++) free = `${id}.${at}`
  ids.add(free)
  return free
}
