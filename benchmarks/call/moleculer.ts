import { ServiceBroker, type Context } from 'moleculer'
import { timed, type Contender } from './contender.ts'
import { example, quote } from './order.ts'

/** The rules of `Order` in the language of its own validator; what is not named is left out, as zod does it. */
const text = { type: 'string', min: 1, max: 40 } as const
const params = {
  $$strict: 'remove',
  orderId: text,
  customerId: text,
  sku: text,
  quantity: { type: 'number', integer: true, min: 1 },
  price: { type: 'number', min: 0 },
  currency: { type: 'enum', values: ['EUR', 'USD', 'GBP'] },
  country: { type: 'string', length: 2 },
  express: 'boolean',
  note: { type: 'string', max: 200 },
  placedAt: { type: 'string', max: 40 },
} as const

/** Two services of a local Moleculer broker; `observed`: with its request timeout, its metrics and its spans, which go nowhere. */
async function broker(observed: boolean): Promise<Contender> {
  const observation = { requestTimeout: 5_000, metrics: { enabled: true, reporter: [] }, tracing: { enabled: true, exporter: [] } }
  const made = new ServiceBroker({ logger: false, ...(observed ? observation : {}) })
  const pricing = { quote: { params: { ...params }, handler: (context: Context<typeof example>) => quote(context.params) } }
  const orders = {
    // the calls of a handler share its timeout, so a long series of them has none of its own
    measure: {
      timeout: 0,
      handler: (context: Context<Series>) => timed(context.params.count, context.params.callers, () => context.call('pricing.quote', example)),
    },
  }
  made.createService({ name: 'pricing', actions: pricing })
  made.createService({ name: 'orders', actions: orders })
  await made.start()
  return {
    measure: (count, callers) => made.call('orders.measure', { count, callers } satisfies Series),
    [Symbol.asyncDispose]: () => made.stop(),
  }
}
interface Series {
  count: number
  callers: number
}

export function moleculer(): Promise<Contender> {
  return broker(true)
}
export function bareMoleculer(): Promise<Contender> {
  return broker(false)
}
