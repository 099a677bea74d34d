import { aggregate } from 'banyan'
import { is } from './equal.ts'
import { handler, order, orders, type OrderState, Placed } from './shop.ts'

is<OrderState>()(order.initial)
is<'order'>()(order.name)

handler(orders.cancel, async ({ orderId }, { load, transact }) => {
  const past = await load(order, orderId, { version: 1 })
  is<OrderState>()(past.state)
  is<number>()(past.version)
  if (past.state.status === 'placed') is<number>()(past.state.total)
  // @ts-expect-error: a version or a moment, not both
  await load(order, orderId, { version: '1' })
  await transact(async (tx) => {
    const decided = await tx.decide(order, orderId).cancel({ reason: 'x' })
    is<number>()(decided.version)
    is<OrderState>()((await tx.load(order, orderId)).state)
    await tx.decide(order, orderId).expire()
    // @ts-expect-error: this decider takes no command
    await tx.decide(order, orderId).expire({ reason: 'x' })
    // @ts-expect-error: the command is missing
    await tx.decide(order, orderId).cancel()
  })
})

// state and data arrive typed where nothing is annotated
aggregate('counter', {
  events: { Placed },
  initial: { count: 0, last: undefined as string | undefined },
  evolve: {
    Placed: (state, event) => {
      is<{ count: number; last: string | undefined }>()(state)
      is<{ orderId: string; customerId: string; total: number }>()(event)
      return { count: state.count + 1, last: event.orderId }
    },
  },
  decide: {
    // nothing, one event, or several
    nothing: () => undefined,
    one: (state, { by }: { by: string }) => {
      is<number>()(state.count)
      return Placed({ orderId: '', customerId: by, total: 1 })
    },
    several: () => [Placed({ orderId: '', customerId: '', total: 1 })],
  },
})
