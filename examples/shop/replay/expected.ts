import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { thousandths } from './amount.ts'
import type { MonthFigures, SomeFigures } from './figures.ts'

const Count = z.number().int()
const Amount = z.string().transform((text, context) => {
  try {
    return thousandths(text)
  } catch (error) {
    context.addIssue((error as Error).message)
    return z.NEVER
  }
})

const Month = z.object({ lines: Count, sale_invoices: Count, cancel_invoices: Count, customers: Count, quantity: Count, amount: Amount })

/** A file of expected figures; what else it says is not looked at. */
const Expected = z.object({
  lines: Count,
  invoices: Count,
  sale_invoices: Count,
  cancel_invoices: Count,
  customers: Count,
  stock_codes: Count,
  first: z.string(),
  last: z.string(),
  quantity_sum: Count,
  amount_sum: Amount,
  months: z.record(z.string(), Month),
  amount_by_country: z.record(z.string(), Amount),
  top10_customers_by_amount: z.array(z.tuple([z.string(), Amount])),
  top10_products_by_net_quantity: z.array(z.tuple([z.string(), Count])),
})

/** The figures that somebody else has worked out for a file. Throws with what the file lacks. */
export async function readExpected(path: string): Promise<SomeFigures> {
  const read = Expected.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (!read.success) throw new Error(`${path} is not a file of expected figures:\n${z.prettifyError(read.error)}`)
  const { data } = read
  return {
    lines: data.lines,
    invoices: data.invoices,
    sales: data.sale_invoices,
    credits: data.cancel_invoices,
    customers: data.customers,
    codes: data.stock_codes,
    quantity: data.quantity_sum,
    amount: data.amount_sum,
    first: data.first,
    last: data.last,
    months: new Map(Object.entries(data.months).map(([month, of]) => [month, readMonth(of)])),
    countries: new Map(Object.entries(data.amount_by_country)),
    topCustomers: data.top10_customers_by_amount,
    topProducts: data.top10_products_by_net_quantity,
  }
}

/** By month, sale invoices are all that are no cancellations. */
function readMonth({ sale_invoices: others, cancel_invoices: credits, ...rest }: z.infer<typeof Month>): Partial<MonthFigures> {
  return { ...rest, invoices: others + credits, credits }
}
