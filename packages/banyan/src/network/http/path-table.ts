type Node = Readonly<Record<string, unknown>>

/** One operation of an OpenAPI document, with where it stands. */
export interface PlacedNode {
  /** `/orders/{orderId}` */
  readonly path: string
  /** Lower case. */
  readonly method: string
  readonly node: Node
}

/**
 * The paths of an OpenAPI document. Paths that differ in the names of their parameters alone are the same path (OpenAPI 3.1 §4.8.8.2), so
 * the names of the first one stay.
 */
export class PathTable {
  readonly #paths: Record<string, Record<string, Node>> = {}
  readonly #byShape = new Map<string, string>()

  /** Adds what stands at a path; `false` where something stands there already, which stays. */
  add({ path: written, method, node }: PlacedNode): boolean {
    const shape = written.replaceAll(/\{[^}]*\}/g, '{}')
    const path = this.#byShape.get(shape) ?? written
    this.#byShape.set(shape, path)
    const there = (this.#paths[path] ??= {})
    if (method in there) return false
    there[method] = path === written ? node : renamed(node, namesIn(written), namesIn(path))
    return true
  }

  all(): Readonly<Record<string, Readonly<Record<string, Node>>>> {
    return this.#paths
  }
}

function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map((found) => found[1]!)
}

function renamed(node: Node, from: readonly string[], to: readonly string[]): Node {
  const parameters = (node['parameters'] ?? []) as readonly Node[]
  const named = parameters.map((one) => {
    const at = one['in'] === 'path' ? from.indexOf(one['name'] as string) : -1
    return at < 0 ? one : { ...one, name: to[at] }
  })
  return { ...node, parameters: named }
}
