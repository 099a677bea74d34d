import { anyone, app, authenticated, contract, implement, query, start } from 'banyan'
import { z } from 'zod'
import type { Contender, Place } from './contender.ts'
import { find, Product } from './product.ts'

const catalog = contract('catalog', {
  bySku: query({
    http: 'GET /products/:sku',
    input: z.object({ sku: z.string().min(1) }),
    output: Product,
    errors: { NotFound: z.object({ sku: z.string() }) },
    consistency: 'eventual',
  }),
})

/** More than comes, so that it counts and refuses nothing. */
const limit = { rate: '1000000/s', per: 'user' } as const
const { service } = implement(catalog)
const handlers = {
  bySku: ({ sku }: { sku: string }) => {
    const product = find(sku)
    if (!product) throw catalog.bySku.errors.NotFound({ sku })
    return product
  },
}
const asked = service({ handlers, policies: { bySku: { access: authenticated(), limit } } })
const cache = { ttl: '1m', shared: true } as const
const kept = service({ handlers, policies: { bySku: { access: authenticated(), limit, cache } } })
const open = service({ handlers, policies: { bySku: { access: anyone(), cache } } })

/** A unit whose query is for those who have logged in, and limited. */
export const hosted = (place: Place): Promise<Contender> => unit(place, asked)
/** The same, answered from the cache. */
export const cached = (place: Place): Promise<Contender> => unit(place, kept)
/** Answered from the cache to everybody, who are not asked who they are. */
export const everybody = async (place: Place): Promise<Contender> => ({ ...(await unit(place, open)), headers: {} })

async function unit(place: Place, catalog: typeof asked): Promise<Contender> {
  const running = await start(app('shop', { services: { catalog: async () => ({ default: catalog }) } }), { ...place, development: true })
  const token = await running.token({ subject: 'ada', roles: ['customer'] })
  return {
    port: Number(new URL(running.url).port),
    headers: { Authorization: `Bearer ${token}`, Traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
