import { orders } from '../orders/contract.ts'
import { consignment } from './consignment.ts'
import { on, packing } from './parts.ts'

/** What an order that is paid for has to be sent. What may leave at once is packed in a while, without anybody. */
export const request = on(orders.Confirmed, ({ orderId, customerId, country, items, ship }, { transact }) =>
  transact(async (tx) => {
    const { events } = await tx.decide(consignment, orderId).request({ customerId, country, items, ship })
    if (events > 0 && ship === 'at once') tx.send.shipping.pack({ orderId }, { after: packing() })
  }),
)
