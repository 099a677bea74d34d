import { events } from 'banyan'
import { z } from 'zod'
import { Item } from '../values/item.ts'
import { Money } from '../values/money.ts'
import { PricedLine, Reason, Ship } from './contract.ts'
import { Share } from './shares.ts'

export const Details = z.object({
  customerId: z.string(),
  country: z.string(),
  lines: z.array(PricedLine),
  total: Money,
  card: z.string(),
  ship: Ship,
  placedAt: z.string(),
  /** The invoice it was entered with. */
  invoice: z.string().nullable(),
})
export type Details = z.infer<typeof Details>

const Shares = z.object({ request: z.string(), shares: z.array(Share) })

export const orderEvents = events({
  Placed: Details,
  Reserved: z.object({}),
  Confirmed: z.object({ chargeId: z.string(), customerId: z.string(), country: z.string(), items: z.array(Item), ship: Ship }),
  Cancelled: z.object({ customerId: z.string(), reason: Reason }),
  Shipped: z.object({ parcel: z.number().int(), items: z.array(Item) }),
  WithdrawalAsked: Shares.extend({ otherwise: z.enum(['all stay', 'some stay', 'returned']) }),
  /** They have left, and stay the customer's. */
  WithdrawalRefused: Shares,
  ItemsCancelled: Shares.extend({ refund: Money }),
  /** `asked`: they were to be withdrawn, and had left. */
  ItemsReturned: Shares.extend({ refund: Money, reason: z.string(), asked: z.boolean() }),
})
export const { Placed, Reserved, Confirmed, Cancelled, Shipped, WithdrawalAsked, WithdrawalRefused, ItemsCancelled, ItemsReturned } = orderEvents
