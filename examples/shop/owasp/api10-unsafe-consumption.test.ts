import { expect, test } from 'vitest'
import { sign } from '../payments/signature.ts'
import { openSurface } from './surface.ts'

// OWASP API10:2023, Unsafe Consumption of APIs
const surface = openSurface()
const captured = { outcome: 'captured', chargeId: 'ch_1', reason: '' } as const

test('the card provider is believed by its signature alone, over all that it says', async () => {
  const { http, product, order, statusOf, shop } = surface()
  const orderId = await order('ada', await product(3), 1, 'tok_declined')
  await shop.quiet()
  const before = await statusOf(orderId)
  const right = { ...captured, orderId, signature: sign({ ...captured, orderId }) }
  const forged: readonly object[] = [
    { ...captured, orderId, signature: '' },
    { ...captured, orderId, signature: '0'.repeat(64) },
    { ...right, chargeId: 'ch_2' },
    { ...right, orderId: `${orderId} ` },
    { ...right, signature: sign({ ...captured, orderId: 'another' }) },
  ]
  for (const body of forged) expect(await http('POST', '/payments/webhook', { body })).toMatchObject({ status: 401, body: { code: 'BadSignature' } })
  await shop.quiet()
  expect(await statusOf(orderId)).toBe(before)
})

test('what the provider says has to be what was agreed, also where it is signed', async () => {
  const { http } = surface()
  const wrong: readonly Readonly<Record<string, unknown>>[] = [{ outcome: 'refunded' }, { chargeId: 7 }, { reason: null }, { signature: 'x'.repeat(101) }]
  for (const part of wrong) {
    const body = { ...captured, orderId: 'o1', signature: sign({ ...captured, orderId: 'o1' }), ...part }
    expect([part, (await http('POST', '/payments/webhook', { body })).status]).toEqual([part, 400])
  }
})

test('an answer for an order that there is not changes nothing, and one that comes again is heard once', async () => {
  const { http, product, order, shop, statusOf, staff } = surface()
  const unknown = { ...captured, orderId: 'none', signature: sign({ ...captured, orderId: 'none' }) }
  expect(await http('POST', '/payments/webhook', { body: unknown })).toMatchObject({ status: 404, body: { code: 'UnknownPayment' } })
  const orderId = await order('ada', await product(3), 1)
  await shop.quiet()
  expect(await statusOf(orderId)).toBe('shipped')
  const before = await staff.payments.ledger()
  const again = { ...captured, orderId, signature: sign({ ...captured, orderId }) }
  for (let n = 0; n < 3; n++) await http('POST', '/payments/webhook', { body: again })
  await shop.quiet()
  expect(await staff.payments.ledger()).toEqual(before)
})
