import { expect, test } from 'vitest'
import { orders } from '../orders/contract.ts'
import { payments } from '../payments/contract.ts'
import { sign } from '../payments/signature.ts'
import { euros } from '../values/money.ts'
import type { Visit } from './visit.ts'

/** What becomes of orders. */
export function fulfilment(visit: () => Visit): void {
  test('an order is placed, kept, paid, confirmed and sent', async () => {
    const { shop, staff, customer, product, order, statusOf } = visit()
    const sku = await product(5)
    const orderId = await order('ada', sku, 2)
    expect(await customer('ada').orders.byId({ orderId })).toMatchObject({
      customerId: 'ada',
      total: euros(2000),
      lines: [{ line: 1, sku, quantity: 2, price: euros(1000), cancelled: 0, shipped: 0, returned: 0 }],
    })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('shipped')
    expect(await customer('ada').payments.byId({ orderId })).toMatchObject({ status: 'captured', amount: euros(2000) })
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 3, reserved: 0 })
    const { items } = await staff.inventory.movements({ sku })
    expect(items.map(({ kind, quantity }) => `${kind} ${quantity}`)).toEqual(['sold 2', 'reserved 2', 'received 5'])
  })

  test('what is sold out is not sold, and nothing else of the order is kept', async () => {
    const { shop, staff, customer, product, statusOf } = visit()
    const [rare, plenty] = [await product(1), await product(9)]
    const lines = [
      { sku: plenty, quantity: 3 },
      { sku: rare, quantity: 2 },
    ]
    const { orderId } = await customer('ada').orders.place({ lines, card: 'tok_ok' })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('cancelled: sold out')
    expect(await staff.inventory.level({ sku: plenty })).toMatchObject({ available: 9, reserved: 0 })
    const payment = await staff.payments.byId.result({ orderId })
    expect(!payment.ok && payments.byId.errors.NotFound.is(payment.error)).toBe(true)
  })

  test('of two orders for the last piece one gets it', async () => {
    const { shop, product, order, statusOf } = visit()
    const sku = await product(1)
    const placed = await Promise.all([order('ada', sku, 1), order('bo', sku, 1)])
    await shop.quiet()
    const ends = await Promise.all(placed.map(statusOf))
    expect(ends.sort()).toEqual(['cancelled: sold out', 'shipped'])
  })

  test('a declined card puts the goods back', async () => {
    const { shop, staff, product, order, statusOf } = visit()
    const sku = await product(5)
    const orderId = await order('ada', sku, 2, 'tok_declined')
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('cancelled: declined')
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 5, reserved: 0 })
  })

  test('an order cancelled at once leaves nothing behind', async () => {
    const { shop, staff, customer, product, order, statusOf } = visit()
    const sku = await product(5)
    const orderId = await order('ada', sku, 2, 'tok_later')
    await customer('ada').orders.cancel({ orderId })
    await customer('ada').orders.cancel({ orderId })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('cancelled: by the customer')
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 5, reserved: 0 })
  })

  test('an order cancelled while the card is charged is paid back', async () => {
    const { shop, staff, customer, product, order, statusOf, http } = visit()
    const sku = await product(5)
    const orderId = await order('ada', sku, 2, 'tok_later')
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('reserved')
    await customer('ada').orders.cancel({ orderId })
    expect((await http('POST', '/payments/webhook', { body: notice(orderId) })).status).toBeLessThan(300)
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('cancelled: by the customer')
    expect(await staff.payments.byId({ orderId })).toMatchObject({ status: 'refunded', refunded: euros(2000) })
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 5, reserved: 0 })
  })

  test('an order that was sent can no longer be cancelled', async () => {
    const { shop, customer, product, order } = visit()
    const orderId = await order('ada', await product(1), 1)
    await shop.quiet()
    const cancelled = await customer('ada').orders.cancel.result({ orderId })
    expect(!cancelled.ok && orders.cancel.errors.TooLate.is(cancelled.error) && cancelled.error.details).toEqual({ status: 'shipped' })
  })

  test('an order keeps the price it was placed at', async () => {
    const { shop, staff, product, order } = visit()
    const sku = await product(2)
    const before = await order('ada', sku, 1)
    await staff.catalog.reprice({ sku, price: euros(1500) })
    const after = await order('ada', sku, 1)
    await shop.quiet()
    const paid = await Promise.all([before, after].map((orderId) => staff.payments.byId({ orderId })))
    expect(paid.map(({ amount }) => amount)).toEqual([euros(1000), euros(1500)])
  })

  test.each(['tok_slow', 'tok_twice'])('%s is charged once', async (card) => {
    const { shop, staff, product, order, statusOf } = visit()
    const before = await staff.payments.ledger()
    const orderId = await order('ada', await product(1), 1, card)
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('shipped')
    const after = await staff.payments.ledger()
    expect([after.charges - before.charges, after.captured.amount - before.captured.amount]).toEqual([1, 1000])
  })

  test('a provider that tells again, or somebody who pretends to be one, changes nothing', async () => {
    const { shop, staff, product, order, statusOf, http } = visit()
    const orderId = await order('ada', await product(1), 1)
    await shop.quiet()
    const before = await staff.payments.ledger()
    const webhook = (body: unknown) => http('POST', '/payments/webhook', { body })
    expect((await webhook(notice(orderId))).status).toBeLessThan(300)
    expect(await webhook({ ...notice(orderId), outcome: 'declined' })).toMatchObject({ status: 401, body: { code: 'BadSignature' } })
    expect(await webhook(notice('of nobody'))).toMatchObject({ status: 404, body: { code: 'UnknownPayment' } })
    await shop.quiet()
    expect(await staff.payments.ledger()).toEqual(before)
    expect(await statusOf(orderId)).toBe('shipped')
  })
}

/** What the provider would post when it has captured an order's money. */
function notice(orderId: string) {
  const answer = { orderId, outcome: 'captured' as const, chargeId: 'ch_from_webhook', reason: '' }
  return { ...answer, signature: sign(answer) }
}
