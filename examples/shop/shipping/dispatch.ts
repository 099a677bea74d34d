import { consignment } from './consignment.ts'
import { shipping } from './contract.ts'
import { handler } from './parts.ts'

export const pack = handler(shipping.pack, ({ orderId }, { transact, id, now }) => {
  const sending = { orderId, tracking: id(), at: now().toISOString() }
  return transact((tx) => tx.decide(consignment, orderId).pack(sending))
})

export const dispatch = handler(shipping.dispatch, ({ orderId, items }, { transact, id, now }) => {
  const sending = { orderId, tracking: id(), at: now().toISOString(), items }
  return transact(async (tx) => {
    await tx.decide(consignment, orderId).dispatch(sending)
    const { parcels } = (await tx.load(consignment, orderId)).state
    return { parcel: parcels.length, tracking: sending.tracking }
  })
})

export const delivered = handler(shipping.delivered, ({ orderId, parcel }, { transact, now }) => {
  const at = now().toISOString()
  return transact((tx) => tx.decide(consignment, orderId).deliver({ orderId, parcel, at }))
})

export const withdraw = handler(shipping.withdraw, ({ orderId, request, items, partly }, { transact }) =>
  transact((tx) => tx.decide(consignment, orderId).withdraw({ request, items, partly })),
)
