import { aggregate, anyone, app, command, contract, events, implement, postgres, query, start } from 'banyan'
import type { App, Running } from 'banyan/types'
import { z } from 'zod'

const Line = z.object({ product: z.string(), quantity: z.int().min(1) })
type Line = z.infer<typeof Line>
const Lines = z.array(Line)

const till = contract('till', {
  sell: command({ input: z.object({ lines: Lines }), output: z.object({ sale: z.string() }) }),
  /** From the log. */
  byId: query({ input: z.object({ sale: z.string() }), output: z.object({ lines: Lines }) }),
  /** From a table with a row for each line sold. */
  newest: query({ input: z.object({ product: z.string() }), output: z.array(z.object({ sale: z.string(), quantity: z.int() })) }),
  /** From a table with a row for each product. */
  top: query({ output: Lines }),
})
export type Till = Running<{ till: typeof till }>

const { Sold } = events({ Sold: Line })
const sale = aggregate('sale', {
  events: { Sold },
  initial: [] as readonly Line[],
  evolve: { Sold: (lines, line) => [...lines, line] },
  decide: { sell: (_lines, lines: readonly Line[]) => lines.map((line) => Sold(line)) },
})

/** A service that sells, with its projection in one of two versions; each fills tables of its own. */
function appOf(version: 1 | 2): App<{ till: typeof till }> {
  const { handler, projection, service } = implement(till, { store: postgres({ migrations: import.meta.resolve('./migrations') }) })
  const insert = `insert into line_${version} (id, sale, product, quantity, at) values ($1, $2, $3, $4, $5)`
  const add = `insert into total_${version} as total (product, quantity) values ($1, $2) on conflict (product) do update set quantity = total.quantity + excluded.quantity`
  const sales = projection('sales', { version }, (on) => [
    on(sale.events.Sold, async ({ product, quantity }, { query: sql, event }) => {
      await sql(insert, [event.id, event.key, product, quantity, event.at])
      await sql(add, [product, quantity])
    }),
  ])
  const everybody = { access: anyone() }
  const built = service({
    handlers: {
      sell: handler(till.sell, ({ lines }, { transact, id }) => {
        const saleId = id()
        return transact(async (tx) => {
          await tx.decide(sale, saleId).sell(lines)
          return { sale: saleId }
        })
      }),
      byId: async ({ sale: saleId }, { load }) => ({ lines: [...(await load(sale, saleId)).state] }),
      newest: ({ product }, { query: sql }) =>
        sql<{ sale: string; quantity: number }>(`select sale, quantity from line_${version} where product = $1 order by at desc, id desc limit 20`, [product]),
      top: async (_input, { query: sql }) => {
        const rows = await sql<Line>(`select product, quantity::integer as quantity from total_${version} order by quantity desc, product limit 10`)
        return [...rows]
      },
    },
    policies: { sell: everybody, byId: everybody, newest: everybody, top: everybody },
    projections: [sales],
  })
  return app('till', { services: { till: async () => ({ default: built }) } })
}

/** Opens it; whoever opens the next version has it projected anew from the first event on. */
export function openTill(place: Parameters<typeof start>[1], version: 1 | 2): Promise<Till> {
  return start(appOf(version), place)
}
