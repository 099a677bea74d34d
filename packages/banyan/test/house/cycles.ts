/**
 * The shortest cycle through each file that imports itself through others; a file that already stands in a found cycle is not reported again.
 */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const seen = new Set<string>()
  return [...graph.keys()].flatMap((start) => {
    if (seen.has(start)) return []
    const cycle = shortest(graph, start)
    if (cycle) for (const node of cycle) seen.add(node)
    return cycle ? [cycle] : []
  })
}

/** The shortest way from `start` back to itself, breadth first. */
function shortest(graph: ReadonlyMap<string, readonly string[]>, start: string): readonly string[] | undefined {
  const from = new Map<string, string>()
  const queue = [start]
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return [...way(from, start, node), start]
      if (from.has(next)) continue
      from.set(next, node)
      queue.push(next)
    }
  }
  return undefined
}

function way(from: ReadonlyMap<string, string>, start: string, end: string): readonly string[] {
  const path = [end]
  while (path[0] !== start) path.unshift(from.get(path[0]!)!)
  return path
}
