import { inventory } from './contract.ts'
import { delivery } from './delivery.ts'
import { handler } from './parts.ts'
import { stock } from './stock.ts'

export const receive = handler(inventory.receive, ({ sku, quantity, delivery: note }, { transact }) =>
  transact(async (tx) => {
    const { events } = await tx.decide(delivery, `${sku}/${note}`).book()
    if (events > 0) await tx.decide(stock, sku).receive({ delivery: note, quantity })
  }),
)
