import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { orders } from './contract.ts'
import { EnteredLine, InvoiceKind } from './invoice-document.ts'

const Document = z.object({
  kind: InvoiceKind,
  customerId: z.string().nullable(),
  country: z.string(),
  orderId: z.string().nullable(),
  lines: z.array(EnteredLine),
})
export const { Entered } = events({ Entered: Document })

/** An invoice; its id is its number. Of what is in it nothing is decided any more, so the state has none of it. */
export const invoice = aggregate('invoice', {
  events: { Entered },
  initial: { entered: false },
  evolve: { Entered: (_state) => ({ entered: true }) },
  decide: {
    enter: ({ entered }, { number, document }: { number: string; document: z.infer<typeof Document> }) => {
      if (entered) throw orders.enter.errors.AlreadyEntered({ invoice: number })
      return Entered(document)
    },
  },
})
