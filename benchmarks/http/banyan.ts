import { aggregate, anyone, app, command, contract, events, implement, start } from 'banyan'
import { z } from 'zod'
import type { Contender, Place } from './contender.ts'
import { Order } from './order.ts'

const orders = contract('orders', { place: command({ http: 'POST /orders', input: Order, output: z.object({ orderId: z.string() }) }) })

const { Placed } = events({ Placed: Order })
const order = aggregate('order', {
  events: { Placed },
  initial: { placed: false },
  evolve: { Placed: () => ({ placed: true }) },
  decide: { place: (state, details: Order) => (state.placed ? undefined : Placed(details)) },
})

const service = implement(orders).service({
  handlers: {
    place: (details, { transact, id }) => {
      const orderId = id()
      return transact(async (tx) => {
        await tx.decide(order, orderId).place(details)
        return { orderId }
      })
    },
  },
  policies: { place: { access: anyone() } },
})

export async function banyan(place: Place): Promise<Contender> {
  const running = await start(app('till', { services: { orders: async () => ({ default: service }) } }), place)
  return { port: Number(new URL(running.url).port), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
}
