import { expect, test } from 'vitest'
import { orders } from '../orders/contract.ts'
import { euros } from '../values/money.ts'
import type { Visit } from './visit.ts'

/** Invoices as the till writes them. */
export function till(visit: () => Visit): void {
  test('every line of a sale is accepted, or refused with its reason', async () => {
    const { shop, staff, product, invoice, line } = visit()
    const sku = await product(20)
    const lines = [
      line(sku.toLowerCase(), 6, '2.55'),
      line('HAT-404', 1, '2.55'),
      line(sku, 1, '0.00'),
      line(sku, 1, '-11062.06'),
      line(sku, 1, '0.001'),
      line(sku, -3, '2.55'),
      line(sku, 2, '2.10'),
    ]
    const before = await staff.orders.received()
    const entered = await invoice({ lines })
    expect(entered).toMatchObject({
      accepted: 2,
      refused: [
        { line: 2, reason: 'unknown product' },
        { line: 3, reason: 'no price' },
        { line: 4, reason: 'negative price' },
        { line: 5, reason: 'fraction of a cent' },
        { line: 6, reason: 'no quantity' },
      ],
    })
    await shop.quiet()
    const order = await staff.orders.byId({ orderId: entered.orderId! })
    expect(order).toMatchObject({
      status: 'shipped',
      customerId: '17850',
      country: 'United Kingdom',
      total: euros(6 * 255 + 420),
      placedAt: '2010-12-01T08:26:00.000Z',
    })
    expect(order.lines.map(({ line, sku, quantity }) => ({ line, sku, quantity }))).toEqual([
      { line: 1, sku, quantity: 6 },
      { line: 7, sku, quantity: 2 },
    ])
    const shown = await staff.orders.invoice({ invoice: entered.invoice })
    expect(shown.lines.map(({ sku, quantity, price, at, refused }) => ({ sku, quantity, price, at, refused }))).toContainEqual({
      sku: sku.toLowerCase(),
      quantity: 6,
      price: '2.550',
      at: '2010-12-01T08:26:00',
      refused: null,
    })
    const after = await staff.orders.received()
    expect([after.lines - before.lines, after.accepted - before.accepted, after.quantity - before.quantity]).toEqual([7, 2, 9])
  })

  test('an invoice is entered once, and the same request is the same answer', async () => {
    const { staff, product, document, line } = visit()
    const sale = document({ lines: [line(await product(9), 1, '1.00')] })
    const first = await staff.orders.enter(sale, { idempotencyKey: sale.invoice })
    expect(await staff.orders.enter(sale, { idempotencyKey: sale.invoice })).toEqual(first)
    const other = await staff.orders.enter.result(sale)
    expect(!other.ok && orders.enter.errors.AlreadyEntered.is(other.error) && other.error.details).toEqual({ invoice: sale.invoice })
  })

  test('an order that comes to nothing refuses the lines of its invoice', async () => {
    const { shop, staff, product, invoice, line } = visit()
    const [rare, plenty] = [await product(1), await product(9)]
    const before = await staff.orders.received()
    const soldOut = await invoice({ lines: [line(rare, 2, '1.00'), line(plenty, 1, '1.00')] })
    const declined = await invoice({ card: 'tok_declined', lines: [line(plenty, 1, '1.00'), line('HAT-404', 1, '1.00')] })
    await shop.quiet()
    expect(await staff.orders.invoice({ invoice: soldOut.invoice })).toMatchObject({ outcome: 'sold out' })
    expect(await staff.orders.invoice({ invoice: declined.invoice })).toMatchObject({ outcome: 'declined' })
    const after = await staff.orders.received()
    const refused = (ledger: typeof after, reason: string) => ledger.refused.find((one) => one.reason === reason)?.lines ?? 0
    expect(['sold out', 'declined', 'unknown product'].map((reason) => refused(after, reason) - refused(before, reason))).toEqual([2, 1, 1])
    expect([after.lines - before.lines, after.accepted - before.accepted]).toEqual([4, 0])
  })

  test('an adjustment is no goods', async () => {
    const { invoice, line } = visit()
    const entered = await invoice({ kind: 'adjustment', customerId: null, lines: [line('B', 1, '-11062.06')] })
    expect(entered).toMatchObject({ orderId: null, accepted: 0, refused: [{ line: 1, reason: 'not goods' }] })
  })

  test('a credit takes back what was bought, of as many orders as it needs, at the price that was paid', async () => {
    const { shop, staff, product, invoice, line } = visit()
    const sku = await product(50)
    const customerId = 'till-1'
    const [older, newer] = [
      await invoice({ customerId, lines: [line(sku, 5, '2.00')] }),
      await invoice({ customerId, ship: 'held', lines: [{ ...line(sku, 3, '3.00'), at: '2010-12-02T10:00:00' }] }),
    ]
    await shop.quiet()
    // three have not left yet and are kept back, two come back
    const credit = await invoice({
      kind: 'credit',
      customerId,
      lines: [line(sku.toLowerCase(), -5, '9.99'), line(sku, -4, '2.00'), line('HAT-404', -1, '1.00')],
    })
    expect(credit).toMatchObject({
      accepted: 1,
      refused: [
        { line: 2, reason: 'more than was bought' },
        { line: 3, reason: 'not bought here' },
      ],
    })
    await shop.quiet()
    expect(await staff.orders.byId({ orderId: newer.orderId! })).toMatchObject({ status: 'cancelled', lines: [{ cancelled: 3 }], refunded: euros(900) })
    expect(await staff.orders.byId({ orderId: older.orderId! })).toMatchObject({ status: 'shipped', lines: [{ returned: 2 }], refunded: euros(400) })
    expect(await staff.payments.byId({ orderId: older.orderId! })).toMatchObject({ refunded: euros(400) })
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 47, reserved: 0 })
    const anonymous = await invoice({ kind: 'credit', customerId: null, lines: [line(sku, -1, '2.00')] })
    expect(anonymous.refused).toEqual([{ line: 1, reason: 'no customer' }])
  })

  test('a credit for what has just left counts it as returned', async () => {
    const { shop, staff, product, invoice, line } = visit()
    const sku = await product(9)
    const customerId = 'till-2'
    const { orderId } = await invoice({ customerId, ship: 'held', lines: [line(sku, 4, '1.00')] })
    await shop.quiet()
    const dispatching = staff.shipping.dispatch.result({ orderId: orderId!, items: [{ sku, quantity: 3 }] })
    await Promise.all([dispatching, invoice({ kind: 'credit', customerId, lines: [line(sku, -4, '1.00')] })])
    await shop.quiet()
    const order = await staff.orders.byId({ orderId: orderId! })
    expect(order.lines[0]!.cancelled + order.lines[0]!.returned).toBe(4)
    expect(order.refunded).toEqual(euros(400))
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 9, reserved: 0 })
  })

  test('reports say what was received and what was accepted', async () => {
    const { shop, staff, product, invoice, line } = visit()
    const [sku, customerId, country] = [await product(1000), 'till-3', 'Channel Islands']
    const at = '2011-03-05T12:00:00'
    const sale = [
      { ...line(sku, 600, '1.25'), at },
      { ...line('HAT-404', 5, '0.001'), at },
    ]
    await invoice({ customerId, country, lines: sale })
    await shop.quiet()
    await invoice({ kind: 'credit', customerId, country, lines: [{ ...line(sku, -100, '1.25'), at }] })
    await shop.quiet()
    const accepted = { orders: 1, lines: 1, quantity: 500, amount: '625.000' }
    const received = { sales: 1, credits: 1, lines: 3, quantity: 505, amount: '625.005' }
    expect(await staff.orders.sales({ by: 'country' })).toContainEqual({ key: country, received, accepted })
    expect(await staff.orders.sales({ by: 'month' })).toContainEqual({ key: '2011-03', received, accepted, customers: { received: 1, accepted: 1 } })
    const [top] = await staff.orders.topProducts({ limit: 1, by: 'accepted' })
    expect(top).toEqual({ key: sku, received: { ...received, lines: 2, quantity: 500, amount: '625.000' }, accepted })
    expect(await staff.orders.topCustomers({})).toContainEqual({ key: customerId, received, accepted })
  })
}
