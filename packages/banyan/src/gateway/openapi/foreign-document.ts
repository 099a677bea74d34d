import { isNode, nodeAt } from './read-document.ts'
import type { Node } from './modern-document.ts'

/** One operation of a foreign server's document, in the names of the whole. */
export interface ForeignOperation {
  /** As the server is asked for it, with `{id}` for parameters. */
  readonly path: string
  readonly method: string
  readonly node: Node
}

/** The document of a foreign server, with its components named so that they collide with nobody's. */
export interface ForeignDocument {
  readonly operations: readonly ForeignOperation[]
  readonly components: Readonly<Record<string, Node>>
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/** Names what a document defines after its server: `Order` becomes `stock.Order`. `base`: the path that the gateway puts before those it asks for. */
export function foreignDocument(server: string, document: Node, base: string): ForeignDocument {
  const prefix = `${server.replaceAll(/[^\w.-]/g, '_')}.`
  const { paths, components, servers, security } = prefixed(document, prefix) as Record<string, Node | undefined>
  const all = Object.fromEntries(
    Object.entries(components ?? {}).map(([kind, some]) => [
      kind,
      isNode(some) ? Object.fromEntries(Object.entries(some).map(([name, one]) => [prefix + name, one])) : {},
    ]),
  )
  const under = serverPath(servers)
  const operations = Object.entries(paths ?? {}).flatMap(([path, item]) =>
    isNode(item)
      ? METHODS.filter((method) => isNode(item[method])).map((method) => operationOf(method, item, { path: asked(under, path, base), all, security, prefix }))
      : [],
  )
  return { operations, components: all }
}

interface Within {
  readonly path: string
  readonly all: Readonly<Record<string, Node>>
  readonly security: unknown
  readonly prefix: string
}

function operationOf(method: string, item: Node, { path, all, security, prefix }: Within): ForeignOperation {
  const { servers: _servers, callbacks: _callbacks, ...own } = item[method] as Node
  const resolve = (node: unknown): unknown => followed(node, all)
  const parameters = [...listOf(item['parameters']), ...listOf(own['parameters'])].map(resolve) as Node[]
  // one of the operation goes before that of the path (OpenAPI 3.1 §4.8.9.1)
  const named = new Map(parameters.map((one) => [`${String(one['in'])} ${String(one['name'])}`, one]))
  return {
    path,
    method,
    node: {
      ...own,
      ...(named.size > 0 && { parameters: [...named.values()] }),
      ...(own['requestBody'] !== undefined && { requestBody: resolve(own['requestBody']) }),
      responses: Object.fromEntries(Object.entries(nodeAt(own, 'responses')).map(([status, response]) => [status, resolve(response)])),
      security: prefixedSecurity(own['security'] ?? security, prefix),
    },
  }
}

function prefixedSecurity(security: unknown, prefix: string): readonly Node[] {
  return listOf(security).map((one) => Object.fromEntries(Object.entries(one as Node).map(([name, scopes]) => [prefix + name, scopes])))
}

/** References as the whole has them, also those of discriminators. */
function prefixed(node: unknown, prefix: string): unknown {
  if (typeof node === 'string')
    return node.replace(/^#\/components\/([^/]+)\/([^/]+)$/, (_all, kind: string, name: string) => `#/components/${kind}/${prefix}${name}`)
  if (Array.isArray(node)) return node.map((one) => prefixed(one, prefix))
  return isNode(node) ? Object.fromEntries(Object.entries(node).map(([key, value]) => [key, prefixed(value, prefix)])) : node
}

/** What a reference stands for, since readers of the whole look for parameters and answers where they are used; schemas stay references. */
function followed(node: unknown, all: Readonly<Record<string, Node>>): unknown {
  for (let at = node, depth = 0; depth < 10; depth++) {
    const [, kind = '', name = ''] = isNode(at) && typeof at['$ref'] === 'string' ? (/^#\/components\/([^/]+)\/(.+)$/.exec(at['$ref']) ?? []) : []
    if (kind === '') return at
    at = all[kind]?.[name]
  }
  return {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The path of the first server that a document names; none where it has variables in it. */
function serverPath(servers: unknown): string {
  const [first] = listOf(servers)
  const url = isNode(first) && typeof first['url'] === 'string' ? first['url'] : '/'
  const path = url.includes('{') ? '/' : (URL.parse(url, 'http://any')?.pathname ?? '/')
  return path.replace(/\/$/, '')
}

/** What the gateway asks for, without what it puts before every path. */
function asked(under: string, path: string, base: string): string {
  const whole = `${under}${path}`
  if (base === '') return whole
  return whole === base || whole.startsWith(`${base}/`) ? whole.slice(base.length) || '/' : path
}
