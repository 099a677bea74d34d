/** An item and what it led to. */
export interface Node<T> {
  readonly item: T
  readonly children: readonly Node<T>[]
}

/**
 * Arranges items under what caused them. Roots are those whose cause is not among the items; order is kept everywhere, and an item that
 * is its own cause through others becomes a root as well, so that each item stands in the forest once.
 */
export function forest<T>(items: readonly T[], id: (item: T) => string, cause: (item: T) => string | undefined): readonly Node<T>[] {
  const ids = new Set(items.map(id))
  const caused = Map.groupBy(items, (item) => {
    const parent = cause(item)
    return parent !== undefined && ids.has(parent) ? parent : ''
  })
  const placed = new Set<string>()
  const grow = (item: T): Node<T> => {
    placed.add(id(item))
    return { item, children: (caused.get(id(item)) ?? []).filter((child) => !placed.has(id(child))).map(grow) }
  }
  const roots = (caused.get('') ?? []).map(grow)
  const circular = items.filter((item) => !placed.has(id(item))).flatMap((item) => (placed.has(id(item)) ? [] : [grow(item)]))
  return [...roots, ...circular]
}

/** Each node with the branches that lead to it: `├─ `, `│  └─ `. */
export function branches<T>(nodes: readonly Node<T>[], indent = ''): readonly { readonly item: T; readonly branch: string }[] {
  return nodes.flatMap(({ item, children }, index) => {
    const last = index === nodes.length - 1
    return [{ item, branch: `${indent}${last ? '└─ ' : '├─ '}` }, ...branches(children, `${indent}${last ? '   ' : '│  '}`)]
  })
}
