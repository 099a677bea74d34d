import { expect, test } from 'vitest'
import { orders } from '../orders/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { euros } from '../values/money.ts'
import type { Visit } from './visit.ts'

/** What is sent, what is kept back, and what comes back. */
export function afterSales(visit: () => Visit): void {
  test('an order that is not paid for in time is given up', async () => {
    const { shop, staff, product, order, statusOf } = visit()
    const sku = await product(5)
    const orderId = await order('ada', sku, 2, 'tok_later')
    await shop.quiet()
    await shop.call.inventory.expire({ orderId })
    await shop.call.inventory.expire({ orderId })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('cancelled: expired')
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 5, reserved: 0 })
  })

  test('a reservation whose time is over stays where the order is paid for', async () => {
    const { shop, staff, held, statusOf } = visit()
    const { sku, orderId } = await held('ada', 2)
    await shop.call.inventory.expire({ orderId })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('confirmed')
    expect(await staff.inventory.level({ sku })).toMatchObject({ reserved: 2 })
  })

  test('an order that is confirmed and not sent can be cancelled, and is paid back', async () => {
    const { shop, staff, customer, held, statusOf } = visit()
    const { sku, orderId } = await held('ada', 2)
    expect(await customer('ada').orders.cancel({ orderId })).toEqual({ outcome: 'asked' })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('cancelled: by the customer')
    expect(await customer('ada').orders.cancel({ orderId })).toEqual({ outcome: 'cancelled' })
    expect(await staff.payments.byId({ orderId })).toMatchObject({ status: 'refunded', refunded: euros(2000) })
    expect(await staff.inventory.level({ sku })).toMatchObject({ available: 9, reserved: 0 })
  })

  test('some of it can be cancelled; the rest is sent in parts, tracked and delivered', async () => {
    const { shop, staff, customer, held, statusOf, http } = visit()
    const { sku, orderId } = await held('ada', 5)
    await customer('ada').orders.cancelItems({ orderId, items: [{ sku, quantity: 2 }] })
    await shop.quiet()
    expect(await staff.payments.byId({ orderId })).toMatchObject({ status: 'captured', refunded: euros(2000) })
    const first = await staff.shipping.dispatch({ orderId, items: [{ sku, quantity: 1 }] })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('confirmed')
    const last = await staff.shipping.dispatch({ orderId })
    await staff.shipping.delivered({ orderId, parcel: 1 })
    await shop.quiet()
    expect(await statusOf(orderId)).toBe('shipped')
    expect(await customer('ada').orders.byId({ orderId })).toMatchObject({ lines: [{ quantity: 5, cancelled: 2, shipped: 3 }], refunded: euros(2000) })
    expect(await customer('ada').shipping.byOrder({ orderId })).toMatchObject({ toSend: [], parcels: [{ ...first, items: [{ sku, quantity: 1 }] }, last] })
    expect(await http('GET', `/tracking/${first.tracking}`)).toMatchObject({ status: 200, body: { status: 'delivered' } })
    expect(await http('GET', `/tracking/${last.tracking}`)).toMatchObject({ status: 200, body: { status: 'on its way', deliveredAt: null } })
    const foreign = await customer('bo').shipping.byOrder.result({ orderId })
    expect(!foreign.ok && foreign.error.code).toBe('forbidden')
  })

  test('what is to be sent is listed until it is', async () => {
    const { shop, staff, held } = visit()
    const { orderId } = await held('fay', 3)
    const open = async () => (await staff.shipping.open({ limit: 100 })).items.find((shipment) => shipment.orderId === orderId)
    expect(await open()).toMatchObject({ customerId: 'fay', ship: 'held', pieces: 3, parcels: 0 })
    await staff.shipping.dispatch({ orderId })
    await shop.quiet()
    expect(await open()).toBeUndefined()
    const again = await staff.shipping.dispatch.result({ orderId })
    expect(!again.ok && shipping.dispatch.errors.NothingToSend.is(again.error)).toBe(true)
  })

  test('whether a cancellation or a parcel was faster, the books agree', async () => {
    const { shop, staff, customer, held } = visit()
    const { sku, orderId } = await held('ada', 4)
    const items = [{ sku, quantity: 3 }]
    await Promise.all([customer('ada').orders.cancelItems.result({ orderId, items }), staff.shipping.dispatch.result({ orderId, items })])
    await shop.quiet()
    const { lines, refunded } = await staff.orders.byId({ orderId })
    const [line] = lines
    expect([line!.cancelled, line!.shipped]).toContain(0)
    expect(line!.cancelled + line!.shipped).toBe(3)
    expect(refunded).toEqual(euros(line!.cancelled * 1000))
    expect(await staff.payments.byId({ orderId })).toMatchObject({ refunded })
  })

  test('a parcel that left before the order hears of it is not kept back', async () => {
    const { shop, staff, held } = visit()
    const { sku, orderId } = await held('ada', 2)
    await staff.shipping.dispatch({ orderId })
    await shop.call.shipping.withdraw({ orderId, request: 'too late', items: [{ sku, quantity: 1 }], partly: true })
    await shop.quiet()
    expect(await staff.orders.byId({ orderId })).toMatchObject({ status: 'shipped', refunded: euros(0) })
  })

  test('goods come back to the shelf, and their money to the customer', async () => {
    const { shop, staff, customer, held } = visit()
    const { sku, orderId } = await held('ada', 3)
    const items = [{ sku, quantity: 2 }]
    const early = await customer('ada').orders.returnItems.result({ orderId, items, reason: 'too early' })
    expect(!early.ok && orders.returnItems.errors.TooMany.is(early.error) && early.error.details).toEqual({ sku, possible: 0 })
    await staff.shipping.dispatch({ orderId })
    await shop.quiet()
    await customer('ada').orders.returnItems({ orderId, items, reason: 'does not fit' })
    await shop.quiet()
    expect(await staff.payments.byId({ orderId })).toMatchObject({ status: 'captured', amount: euros(3000), refunded: euros(2000) })
    expect(await staff.inventory.level({ sku })).toEqual({ sku, available: 8, reserved: 0 })
    const again = await customer('ada').orders.returnItems.result({ orderId, items, reason: 'does not fit' })
    expect(!again.ok && orders.returnItems.errors.TooMany.is(again.error) && again.error.details).toEqual({ sku, possible: 1 })
    const foreign = await customer('bo').orders.returnItems.result({ orderId, items, reason: '' })
    expect(!foreign.ok && orders.returnItems.errors.NotYours.is(foreign.error)).toBe(true)
  })
}
