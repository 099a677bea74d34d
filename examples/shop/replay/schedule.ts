import type { Invoice } from './invoice.ts'

/** Something to be done for an invoice: to hand it in, and for a sale later to send off what was bought. */
export type Task = { readonly lane: string } & (
  | { readonly does: 'enter'; readonly invoice: Invoice }
  | { readonly does: 'dispatch'; readonly invoice: Pick<Invoice, 'ordinal' | 'number'> }
)

const HOUR_MS = 3_600_000

/**
 * What is to be done for a file's invoices, in the order of the file's time: a sale is dispatched before the first invoice that comes more
 * than an hour after it. What one customer does must stay in this order, so their tasks have a lane in common; nobody waits for a sale to
 * an unknown customer.
 */
export async function* scheduled(invoices: AsyncIterable<Invoice>): AsyncGenerator<Task> {
  const packing: { readonly due: number; readonly task: Task }[] = []
  for await (const invoice of invoices) {
    const now = Date.parse(`${invoice.at}Z`)
    while (packing.length > 0 && packing[0]!.due < now) yield packing.shift()!.task
    const lane = invoice.customer ?? `invoice ${invoice.ordinal}`
    yield { does: 'enter', lane, invoice }
    const { ordinal, number } = invoice
    if (invoice.kind === 'sale') packing.push({ due: now + HOUR_MS, task: { does: 'dispatch', lane, invoice: { ordinal, number } } })
  }
  for (const { task } of packing) yield task
}
