import type { BanyanError } from 'banyan'
import type { Declared } from '../../src/model/declared-error.ts'
import { type Expect, type Equal, is } from './equal.ts'
import { handler, type Line, orders, payments } from './shop.ts'

// names are literal
is<'orders'>()(orders.place.service)
is<'place'>()(orders.place.name)
is<'command'>()(orders.place.kind)
is<'query'>()(orders.byId.kind)
is<'Placed'>()(orders.Placed.name)

// a handler reads with defaults filled in; a caller may leave them out
handler(orders.place, ({ lines, note }) => {
  is<Line[]>()(lines)
  is<string>()(note)
  return { orderId: '' }
})

// a caller gets the output, or the failure as a value
handler(orders.cancel, async (_input, { call }) => {
  is<{ chargeId: string }>()(await call.payments.charge({ orderId: '', total: 1 }))
  is<Record<string, number>>()(await call.catalog.prices({ skus: [] }, { deadline: '300ms' }))
  is<'open' | 'paid'>()(await call.payments.status({ orderId: '' }))
  is<Record<string, number>>()(await call.catalog.prices({ skus: [] }, { fallback: {} }))
  is<Record<string, number>>()(await call.catalog.prices({ skus: [] }, { fallback: async ({ code }) => ({ [code]: 1 }) }))
  // @ts-expect-error: a fallback answers what the query does
  await call.catalog.prices({ skus: [] }, { fallback: { tea: 'dear' } })
  const result = await call.payments.charge.result({ orderId: '', total: 1 })
  if (result.ok) is<{ chargeId: string }>()(result.value)
  else is<BanyanError | Declared<'Refused', { reason: string }>>()(result.error)
  if (!result.ok && result.error.code === 'Refused') is<string>()(result.error.details.reason)
  // @ts-expect-error: a deadline has a unit
  await call.catalog.prices({ skus: [] }, { deadline: '300' })
  // @ts-expect-error: an operation that is not in the contract
  await call.payments.refund({ orderId: '' })
  // @ts-expect-error: an event is not called
  await call.payments.Declined({ orderId: '', reason: '' })
})

// declared errors are made and recognised with their details
const refused: unknown = payments.charge.errors.Refused({ reason: '' })
if (payments.charge.errors.Refused.is(refused)) is<string>()(refused.details.reason)

// events are made with what is written
is<{ orderId: string; total: number }>()(orders.Placed({ orderId: '', total: 1 }).data)
// @ts-expect-error: a field is missing
orders.Placed({ orderId: '' })

export type Tests = [
  Expect<Equal<keyof typeof orders, 'place' | 'cancel' | 'byId' | 'Placed' | 'Cancelled' | '~contract'>>,
  Expect<Equal<keyof typeof orders.place.errors, 'UnknownProduct'>>,
]
