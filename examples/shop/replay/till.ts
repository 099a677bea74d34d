import { catalog } from '../catalog/contract.ts'
import { inventory } from '../inventory/contract.ts'
import { orders } from '../orders/contract.ts'
import { payments } from '../payments/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { euros } from '../values/money.ts'
import type { Door } from './door.ts'
import type { Invoice } from './invoice.ts'
import type { Article } from './opening.ts'
import { Patience } from './patience.ts'
import type { SheetLine } from './sheet.ts'

export const contracts = { catalog, inventory, orders, payments, shipping }
export type ShopDoor = Door<typeof contracts>

/** What the shop says of an invoice. */
export interface Answer {
  /** The order of a sale of which a line was accepted. */
  readonly order: string | null
  readonly accepted: number
  /** Lines refused, by reason. */
  readonly refused: Readonly<Record<string, number>>
}

const CALL = { deadline: '20s' } as const

/** What the staff does for a customer, over HTTP. Everything has a key of its own, so that it may be done again. */
export class Till {
  readonly #door: ShopDoor
  readonly #patience: Readonly<Record<'end' | 'withdrawal' | 'shipment', Patience>>

  constructor(door: ShopDoor, stop: AbortSignal) {
    this.#door = door
    this.#patience = { end: new Patience(stop), withdrawal: new Patience(stop), shipment: new Patience(stop) }
  }

  /** Lists a product and books its opening stock. */
  async stock({ sku, name, cents, pieces }: Article): Promise<void> {
    const product = { sku, name, description: '', price: euros(cents) }
    await this.#door.ask((shop) => shop.catalog.add(product, { ...CALL, idempotencyKey: `replay/list/${sku}` }))
    if (pieces === 0) return
    const receipt = { sku, quantity: pieces, delivery: 'opening stock' }
    await this.#door.ask((shop) => shop.inventory.receive(receipt, { ...CALL, idempotencyKey: `replay/stock/${sku}` }))
  }

  async enter({ number, kind, customer, country, lines }: Invoice, card: string): Promise<Answer> {
    const input = { invoice: number, kind, customerId: customer, country, card, ship: 'held' as const, lines: lines.map(entered) }
    const answer = await this.#door.ask((shop) => shop.orders.enter(input, { ...CALL, idempotencyKey: number }))
    const refused: Record<string, number> = {}
    for (const { reason } of answer.refused) refused[reason] = (refused[reason] ?? 0) + 1
    return { order: answer.orderId, accepted: answer.accepted, refused }
  }

  /** Waits until an order has come to its end: `confirmed`, or why it came to nothing. */
  async endOf(orderId: string): Promise<string> {
    return this.#patience.end.until(async () => {
      const { status, reason } = await this.#door.ask((shop) => shop.orders.byId({ orderId }, CALL))
      return status === 'placed' || status === 'reserved' ? undefined : (reason ?? 'confirmed')
    })
  }

  /** Waits until shipping has answered what was asked back of these orders. */
  async calm(orderIds: readonly string[]): Promise<void> {
    for (const orderId of orderIds) {
      await this.#patience.withdrawal.until(async () => {
        const { lines } = await this.#door.ask((shop) => shop.orders.byId({ orderId }, CALL))
        return lines.every(({ asked }) => asked === 0) || undefined
      })
    }
  }

  /** Sends off what is left of an order; nothing, where all of it was taken back. */
  async dispatch(orderId: string, invoice: string): Promise<void> {
    const key = { ...CALL, idempotencyKey: `replay/dispatch/${invoice}` }
    await this.#patience.shipment.until(async () => {
      try {
        await this.#door.ask((shop) => shop.shipping.dispatch({ orderId }, key))
        return true
      } catch (error) {
        // shipping hears of an order a moment after it was confirmed
        if (shipping.dispatch.errors.NotFound.is(error)) return undefined
        if (shipping.dispatch.errors.NothingToSend.is(error)) return true
        throw error
      }
    })
  }
}

function entered({ line, sku, description, quantity, price, at }: SheetLine) {
  return { line, sku, description, quantity, price, at }
}
