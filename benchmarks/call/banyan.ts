import { app, contract, implement, query, start } from 'banyan'
import { testInstallation } from 'banyan/testing'
import { z } from 'zod'
import { timed, type Contender } from './contender.ts'
import { example, Order, Quote, quote } from './order.ts'

const pricing = contract('pricing', { quote: query({ input: Order, output: Quote }) })
const orders = contract('orders', {
  /** Answers the nanoseconds that its calls took. */
  measure: query({ input: z.object({ count: z.int(), callers: z.int() }), output: z.number() }),
})

const pricingService = implement(pricing).service({ handlers: { quote } })
const ordersService = implement(orders, { uses: { pricing } }).service({
  handlers: { measure: ({ count, callers }, { call }) => timed(count, callers, () => call.pricing.quote(example)) },
})

/** Two services of a running unit: a handler of one calls a query of the other. */
export async function banyan(): Promise<Contender> {
  const services = { orders: async () => ({ default: ordersService }), pricing: async () => ({ default: pricingService }) }
  const installation = await testInstallation()
  const running = await start(app('calls', { services }), installation.options)
  return {
    measure: (count, callers) => running.call.orders.measure({ count, callers }),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await installation[Symbol.asyncDispose]()
    },
  }
}
