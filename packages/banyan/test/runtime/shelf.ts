import { anyone, app, command, contract, implement, query, topology } from '../../src/index.ts'
import { z } from 'zod'

/** Answers when told to. */
export const shelf = contract('shelf', {
  count: query({ input: z.object({ sku: z.string() }), output: z.int(), errors: { Unknown: z.object({ sku: z.string() }) } }),
  /** How many counts are waiting for `release`. */
  waiting: query({ output: z.int() }),
  release: command({}),
})
export const desk = contract('desk', {
  /** The count; -1 if it cannot be had. */
  ask: query({ http: 'GET /ask/:sku', input: z.object({ sku: z.string() }), output: z.int() }),
})

const waiting: (() => void)[] = []
const shelfService = implement(shelf).service({
  handlers: {
    count: async ({ sku }) => {
      if (sku === 'unknown') throw shelf.count.errors.Unknown({ sku })
      if (sku === 'slow') await new Promise<void>((resolve) => waiting.push(resolve))
      return 7
    },
    waiting: () => waiting.length,
    release: () => {
      for (const go of waiting.splice(0)) go()
    },
  },
})
const deskService = implement(desk, { uses: { shelf } }).service({
  handlers: { ask: async ({ sku }, { call }) => call.shelf.count({ sku }, { fallback: -1 }) },
  policies: { ask: { access: anyone() } },
})

export default app('shelf', {
  services: { shelf: async () => ({ default: shelfService }), desk: async () => ({ default: deskService }) },
  topologies: {
    narrow: topology({
      units: {
        front: { services: ['desk'], calls: { store: { bulkhead: { limit: 1, queue: 0 }, attempts: 1, balancer: 'round-robin' } } },
        store: ['shelf'],
      },
    }),
  },
})
