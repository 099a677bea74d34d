interface Node<T> {
  readonly fixed: Map<string, Node<T>>
  parameter: Node<T> | undefined
  /** What stands at the end of this path, and what stands at this path and anything below; the one to prefer first. */
  readonly here: T[]
  readonly below: T[]
}

/** Values at path patterns: `/articles/:id`, `/files/*` for `/files` and anything below it. */
export interface PathTree<T> {
  add(pattern: string, value: T): void
  /** The first that is accepted: a fixed segment goes before a parameter, a parameter before anything below. */
  find(segments: readonly string[], accepts: (value: T) => boolean): T | undefined
}

/** `before`: which of two values at one pattern is asked first, as `sort` takes it. */
export function pathTree<T>(before: (a: T, b: T) => number): PathTree<T> {
  const root = node<T>()
  return {
    add(pattern, value) {
      let at = root
      for (const segment of pattern.split('/').filter((text) => text !== '')) {
        if (segment === '*') {
          at.below.push(value)
          at.below.sort(before)
          return
        }
        at = segment.startsWith(':') ? (at.parameter ??= node()) : fixedChild(at, segment)
      }
      at.here.push(value)
      at.here.sort(before)
    },
    find: (segments, accepts) => find(root, segments, 0, accepts),
  }
}

function node<T>(): Node<T> {
  return { fixed: new Map(), parameter: undefined, here: [], below: [] }
}

function fixedChild<T>({ fixed }: Node<T>, segment: string): Node<T> {
  const name = decodeURIComponent(segment)
  const there = fixed.get(name) ?? node<T>()
  fixed.set(name, there)
  return there
}

function find<T>(at: Node<T>, segments: readonly string[], index: number, accepts: (value: T) => boolean): T | undefined {
  if (index === segments.length) return first(at.here, accepts) ?? first(at.below, accepts)
  const child = at.fixed.get(segments[index]!)
  return (child && find(child, segments, index + 1, accepts)) ?? (at.parameter && find(at.parameter, segments, index + 1, accepts)) ?? first(at.below, accepts)
}

function first<T>(values: readonly T[], accepts: (value: T) => boolean): T | undefined {
  for (const value of values) if (accepts(value)) return value
  return undefined
}
