import type { InvoiceLine } from '../orders/invoice-document.ts'
import type { Calls, Shop } from '../shop.ts'

/** A running shop, wherever its services run. */
export type ShopUnderTest = Pick<Shop, 'url' | 'token' | 'call' | 'as' | 'quiet'>

/** Who sends a request, and what. */
export interface Request {
  readonly as?: string
  readonly roles?: readonly string[]
  /** An access token to send instead of one by the development issuer. */
  readonly token?: string | undefined
  readonly body?: unknown
  readonly key?: string
}
export interface Answer {
  readonly status: number
  readonly body: unknown
}
export type Visit = ReturnType<typeof visit>

type Document = Parameters<Calls['orders']['enter']>[0]

let products = 100
let invoices = 536365

/** What scenarios do in a shop, in the shop's words. */
export function visit(shop: ShopUnderTest) {
  const customer = (subject: string): Calls => shop.as({ subject, roles: ['customer'] })
  const staff: Calls = shop.as({ subject: 'the staff', roles: ['staff'] })

  /** Lists a product that no other scenario touches, at 10 euros. */
  const product = async (pieces: number): Promise<string> => {
    const sku = `NEW-${products++}`
    await staff.catalog.add({ sku, name: sku, description: '', price: { amount: 1000, currency: 'EUR' } })
    if (pieces > 0) await staff.inventory.receive({ sku, quantity: pieces, delivery: 'the first' })
    return sku
  }

  /** An invoice with a number of its own; its lines are numbered. */
  const document = ({ lines, ...given }: Partial<Document> & { lines: readonly InvoiceLine[] }): Document => ({
    invoice: String(invoices++),
    kind: 'sale',
    customerId: '17850',
    country: 'United Kingdom',
    ...given,
    lines: lines.map((line, index) => ({ ...line, line: index + 1 })),
  })
  const invoice = (given: Parameters<typeof document>[0]) => staff.orders.enter(document(given))
  const line = (sku: string, quantity: number, price: string): InvoiceLine => ({ line: 1, sku, description: '', quantity, price, at: '2010-12-01T08:26:00' })

  return {
    shop,
    staff,
    customer,
    product,
    document,
    invoice,
    line,

    /** An order of a product of its own, of which there were nine, at 10 euros; paid for, and not sent before the staff does. */
    async held(customerId: string, quantity: number): Promise<{ sku: string; orderId: string }> {
      const sku = await product(9)
      const { orderId } = await invoice({ customerId, ship: 'held', lines: [line(sku, quantity, '10.00')] })
      await shop.quiet()
      return { sku, orderId: orderId! }
    },

    /** Places an order for one product. */
    async order(subject: string, sku: string, quantity: number, card = 'tok_ok'): Promise<string> {
      return (await customer(subject).orders.place({ lines: [{ sku, quantity }], card })).orderId
    },

    /** For example `cancelled: sold out`. */
    async statusOf(orderId: string): Promise<string> {
      const { status, reason } = await staff.orders.byId({ orderId })
      return reason === null ? status : `${status}: ${reason}`
    },

    /** The same over HTTP, as any client would. */
    async http(method: string, path: string, { as, roles = ['customer'], token, body, key }: Request = {}): Promise<Answer> {
      const bearer = token ?? (as === undefined ? undefined : await shop.token({ subject: as, roles }))
      const headers = {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      }
      const response = await fetch(new URL(path, shop.url), { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
    },
  }
}
