import { command, contract, event } from 'banyan'
import { z } from 'zod'

/** What grows. */
export const trees = contract('trees', {
  plant: command({ input: z.object({ tree: z.string(), kind: z.string() }) }),
  grow: command({ input: z.object({ tree: z.string(), by: z.number() }) }),
  prune: command({ input: z.object({ shears: z.string() }) }),
  visit: command({ input: z.object({ tree: z.string() }) }),
  Grown: event(z.object({ tree: z.string(), height: z.number() })),
  Visited: event(z.object({ tree: z.string() })),
})

/** What is picked of it. */
export const cellar = contract('cellar', {
  pick: command({ input: z.object({ tree: z.string(), apples: z.number() }) }),
  Picked: event(z.object({ tree: z.string(), apples: z.number() })),
})
