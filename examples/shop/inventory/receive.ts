import { inventory } from './contract.ts'
import { handler } from './parts.ts'
import { stock } from './stock.ts'

export const receive = handler(inventory.receive, ({ sku, quantity, delivery }, { transact }) =>
  transact((tx) => tx.decide(stock, sku).receive({ delivery, quantity })),
)
