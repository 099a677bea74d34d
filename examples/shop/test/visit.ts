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

let products = 100

/** What scenarios do in a shop, in the shop's words. */
export function visit(shop: ShopUnderTest) {
  const customer = (subject: string): Calls => shop.as({ subject, roles: ['customer'] })
  const staff: Calls = shop.as({ subject: 'the staff', roles: ['staff'] })
  return {
    shop,
    staff,
    customer,

    /** Lists a product that no other scenario touches, at 10 euros. */
    async product(pieces: number): Promise<string> {
      const sku = `NEW-${products++}`
      await staff.catalog.add({ sku, name: sku, description: '', price: { amount: 1000, currency: 'EUR' } })
      if (pieces > 0) await staff.inventory.receive({ sku, quantity: pieces, delivery: 'the first' })
      return sku
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
