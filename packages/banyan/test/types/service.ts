import { anyOf, app, command, contract, from, implement, owner, query, role, single, topology } from 'banyan'
import { z } from 'zod'
import { is } from './equal.ts'
import { byId, cancel, on, order, orders, payments, place, projection, service, shipping } from './shop.ts'

// a service in one line; plain values and promises, and commands without output that return anything
const hello = contract('hello', {
  greet: query({ input: z.object({ name: z.string() }), output: z.string() }),
  wave: command({}),
})
const helloService = implement(hello).service({ handlers: { greet: ({ name }) => `Hello ${name}`, wave: () => 42 } })
is<'hello'>()(helloService.contract['~contract'])

// a reaction may query, transact and send
const declined = on(payments.Declined, async ({ orderId, reason }, { call, transact, event }) => {
  is<string>()(reason)
  is<number>()(event.attempt)
  is<'open' | 'paid'>()(await call.payments.status({ orderId }))
  return transact((tx) => {
    is<void>()(tx.send.payments.charge({ orderId, total: 1 }))
    is<void>()(tx.send.payments.charge({ orderId, total: 1 }, { after: '15m' }))
    is<void>()(tx.send.payments.charge({ orderId, total: 1 }, { at: new Date(0) }))
    // @ts-expect-error: a duration has a unit
    tx.send.payments.charge({ orderId, total: 1 }, { after: '15' })
    // @ts-expect-error: one of the two, and a moment is a Date
    tx.send.payments.charge({ orderId, total: 1 }, { at: '2030-01-01' })
    // @ts-expect-error: nobody waits for the answer, so there is no deadline
    tx.send.payments.charge({ orderId, total: 1 }, { deadline: '5s' })
    return tx.decide(order, orderId).cancel({ reason })
  })
})

// a projection listens to public and to private events, and sees its own tables
const view = projection('order_view', { version: 1 }, (apply) => [
  apply(orders.Placed, ({ orderId }, { db }) => db.insertInto('order_view').values({ order_id: orderId, customer_id: '' }).execute()),
  apply(order.events.Cancelled, ({ reason }, { db, event }) => {
    is<string>()(reason)
    return db.deleteFrom('order_view').where('order_id', '=', event.key).execute()
  }),
])

// many events at once, each with what is known of it
projection('totals', { version: 1 }, (apply) => [
  apply.many(orders.Placed, (placed, { query }) => {
    is<number>()(placed[0]!.data.total)
    is<string>()(placed[0]!.event.key)
    return query('select 1', [placed.map(({ data }) => data.orderId)])
  }),
  // @ts-expect-error: there is no one event
  apply.many(orders.Placed, (_placed, { event }) => event),
])

const ordersService = service({
  handlers: { place, cancel, byId },
  publishes: { Placed: from(order, 'Placed'), Cancelled: from(order, 'Cancelled', ({ reason }, { id }) => ({ orderId: id, reason })) },
  policies: {
    place: { access: role('customer') },
    byId: {
      access: anyOf(
        owner((view) => view.customerId),
        role('staff'),
      ),
    },
  },
  projections: [view],
  reactions: [declined],
})

const lazy = { orders: async () => ({ default: ordersService }), hello: async () => ({ default: helloService }) }
app('shop', {
  services: lazy,
  topologies: { one: single(), split: topology({ units: { sales: ['orders'], rest: { services: ['hello'] } } }) },
})

// @ts-expect-error: a role must be named
role()
// @ts-expect-error: the parts of one service are not those of another
implement(shipping).service({ handlers: { ship: () => undefined }, projections: [view] })
