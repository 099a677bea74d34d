import { z } from 'zod'
import { anyone, app, command, contract, implement, query } from '../../src/index.ts'

export const pit = contract('pit', {
  dig: command({ http: 'POST /stones', output: z.string() }),
  look: query({ output: z.string() }),
  blast: command({ input: z.object({ sticks: z.number() }), output: z.string() }),
})
export const mason = contract('mason', {
  order: command({ http: 'POST /orders', output: z.array(z.string()) }),
  glance: query({ output: z.array(z.string()) }),
  demand: command({ input: z.object({ sticks: z.array(z.number()) }), output: z.array(z.string()) }),
})

const pitService = implement(pit).service({
  handlers: {
    dig: () => 'stone',
    look: () => 'deep',
    blast: ({ sticks }) => `${sticks} sticks`,
  },
  policies: {
    dig: { access: anyone(), limit: { rate: '2/d', per: 'operation' } },
    look: { limit: { rate: '3/d', per: 'ip', also: 'services' } },
    blast: { limit: { rate: '10/d', per: 'operation', cost: ({ sticks }) => sticks, also: 'services', name: 'sticks' } },
  },
})

type Result = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: unknown }
/** What a caller is told, as text: a refusal with what it has for whoever repeats it. */
function told(result: Result): string {
  if (result.ok) return result.value
  const { code, executed, details } = result.error as { code: string; executed: string; details: { limit?: string; retryAfterMs?: number } }
  const { limit, retryAfterMs } = details
  return `${code} by ${limit}, executed: ${executed}, ${retryAfterMs === undefined ? 'never' : retryAfterMs > 0 ? 'later' : 'now'}`
}

const masonService = implement(mason, { uses: { pit } }).service({
  handlers: {
    order: async (_, { call }) => [told(await call.pit.dig.result()), told(await call.pit.dig.result()), told(await call.pit.dig.result())],
    glance: async (_, { call }) => {
      const found: string[] = []
      for (let looks = 0; looks < 5; looks++) found.push(told(await call.pit.look.result()))
      return found
    },
    demand: async ({ sticks }, { call }) => {
      const found: string[] = []
      for (const count of sticks) found.push(told(await call.pit.blast.result({ sticks: count })))
      return found
    },
  },
  policies: { order: { access: anyone() }, glance: { access: anyone() }, demand: { access: anyone() } },
})

export default app('quarry', { services: { pit: async () => ({ default: pitService }), mason: async () => ({ default: masonService }) } })
