import { orders } from './contract.ts'
import { handler } from './parts.ts'
import type { Figures } from './report.ts'

interface Row {
  readonly key: string
  readonly sales: string
  readonly credits: string
  readonly lines: string
  readonly quantity: string
  readonly amount: string
  readonly orders: string
  readonly accepted_lines: string
  readonly accepted_quantity: string
  readonly accepted_amount: string
}

const of = (what: string, ...sides: readonly string[]) => `coalesce(sum(${what}) filter (where side in (${sides.map((side) => `'${side}'`).join(', ')})), 0)`
const net = (what: string) => `coalesce(sum(case when side = 'ordered' then ${what} when side in ('cancelled', 'returned') then -${what} end), 0)`
const entered = ['sale', 'credit', 'adjustment'] as const

/** The sums of one dimension, a row for each key. */
const figures = /* sql */ `
  select key, ${of('documents', 'sale')} as sales, ${of('documents', 'credit')} as credits, ${of('lines', ...entered)} as lines,
    ${of('quantity', ...entered)} as quantity, ${of('amount', ...entered)}::numeric(20, 3) as amount, ${of('documents', 'ordered')} as orders,
    ${of('lines', 'ordered')} as accepted_lines, ${net('quantity')} as accepted_quantity, ${net('amount')}::numeric(20, 3) as accepted_amount
  from figure where dimension = $1 group by key`

const top = (column: string) => /* sql */ `select * from (${figures}) f order by ${column} desc, key limit $2`

export const sales = handler(orders.sales, async ({ by }, { query }) => {
  const rows = await query<Row>(`${figures} order by key`, [by])
  if (by === 'country') return rows.map(figuresOf)
  const counts = await query<{ month: string; received: string; accepted: string }>(
    `select month, count(*) filter (where side = 'received') as received, count(*) filter (where side = 'accepted') as accepted from month_customer group by month`,
  )
  const customers = new Map(counts.map(({ month, received, accepted }) => [month, { received: Number(received), accepted: Number(accepted) }]))
  return rows.map((row) => ({ ...figuresOf(row), customers: customers.get(row.key) ?? { received: 0, accepted: 0 } }))
})

export const topProducts = handler(orders.topProducts, async ({ limit, by }, { query }) => {
  const rows = await query<Row>(top(by === 'received' ? 'quantity' : 'accepted_quantity'), ['product', limit])
  return rows.map(figuresOf)
})

export const topCustomers = handler(orders.topCustomers, async ({ limit, by }, { query }) => {
  const rows = await query<Row>(top(by === 'received' ? 'amount' : 'accepted_amount'), ['customer', limit])
  return rows.map(figuresOf)
})

function figuresOf(row: Row): Figures {
  return {
    key: row.key,
    received: { sales: Number(row.sales), credits: Number(row.credits), lines: Number(row.lines), quantity: Number(row.quantity), amount: row.amount },
    accepted: { orders: Number(row.orders), lines: Number(row.accepted_lines), quantity: Number(row.accepted_quantity), amount: row.accepted_amount },
  }
}
