import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { itemsOf, lacking, minus, plus, within, type Counts } from '../values/counts.ts'
import { Item, merged, pieces } from '../values/item.ts'
import { shipping, type Parcel } from './contract.ts'

const Request = z.object({ customerId: z.string(), country: z.string(), items: z.array(Item), ship: z.enum(['at once', 'held']) })
const Parcelled = z.object({ customerId: z.string(), parcel: z.number().int(), at: z.string() })
export const { Requested, Dispatched, Withdrawn, TooLate, Delivered } = events({
  Requested: Request,
  Dispatched: Parcelled.extend({ tracking: z.string(), items: z.array(Item) }),
  Withdrawn: z.object({ request: z.string(), items: z.array(Item) }),
  TooLate: z.object({ request: z.string() }),
  Delivered: Parcelled,
})

type Request = z.infer<typeof Request>
interface Consignment {
  /** Who gets it; undefined until it is asked for. */
  readonly to: Pick<Request, 'customerId' | 'country'> | undefined
  /** What is to be sent. Less than nothing of what was withdrawn before it was asked for. */
  readonly left: Counts
  readonly parcels: readonly Parcel[]
  /** Withdrawals that were answered. */
  readonly answered: readonly string[]
}
interface Sending {
  readonly orderId: string
  readonly tracking: string
  readonly at: string
}

/** What is sent of one order; its id is the order's. It decides what has left and what can be kept back. */
export const consignment = aggregate('consignment', {
  events: { Requested, Dispatched, Withdrawn, TooLate, Delivered },
  initial: { to: undefined, left: {}, parcels: [], answered: [] } as Consignment,
  evolve: {
    Requested: (state, { customerId, country, items }) => ({ ...state, to: { customerId, country }, left: plus(state.left, items) }),
    Dispatched: (state, { parcel, tracking, items, at }) => {
      const sent = { parcel, tracking, items, dispatchedAt: at, deliveredAt: null }
      return { ...state, left: minus(state.left, items), parcels: [...state.parcels, sent] }
    },
    Withdrawn: (state, { request, items }) => ({ ...state, left: minus(state.left, items), answered: [...state.answered, request] }),
    TooLate: (state, { request }) => ({ ...state, answered: [...state.answered, request] }),
    Delivered: (state, { parcel, at }) => ({ ...state, parcels: state.parcels.map((one) => (one.parcel === parcel ? { ...one, deliveredAt: at } : one)) }),
  },
  decide: {
    request: (state, request: Request) => (state.to ? undefined : Requested(request)),
    /** All that is left; nothing, where others were faster. */
    pack: (state, sending: Sending) => (itemsOf(state.left).length > 0 ? send(state, sending, itemsOf(state.left)) : undefined),
    dispatch: (state, { items, ...sending }: Sending & { items: readonly Item[] | undefined }) => {
      const { orderId } = sending
      if (!state.to) throw shipping.dispatch.errors.NotFound({ orderId })
      const left = itemsOf(state.left)
      if (left.length === 0) throw shipping.dispatch.errors.NothingToSend({ orderId })
      const sent = items ? merged(items) : left
      const short = lacking(state.left, sent)
      if (short) throw shipping.dispatch.errors.TooMany(short)
      return send(state, sending, sent)
    },
    /** What nobody has asked for yet has not left, so that whoever asks too early gets everything back. */
    withdraw: (state, { request, items, partly }: { request: string; items: readonly Item[]; partly: boolean }) => {
      if (state.answered.includes(request)) return
      const wanted = merged(items)
      const possible = state.to ? within(state.left, wanted) : wanted
      const enough = pieces(possible) === pieces(wanted) || (partly && possible.length > 0)
      return enough ? Withdrawn({ request, items: possible }) : TooLate({ request })
    },
    deliver: (state, { orderId, parcel, at }: { orderId: string; parcel: number; at: string }) => {
      const sent = state.parcels.find((one) => one.parcel === parcel)
      if (!state.to || !sent) throw shipping.delivered.errors.NotFound({ orderId })
      if (sent.deliveredAt === null) return Delivered({ customerId: state.to.customerId, parcel, at })
    },
  },
})

function send({ to, parcels }: Consignment, { tracking, at }: Sending, items: Item[]) {
  return Dispatched({ customerId: to!.customerId, parcel: parcels.length + 1, tracking, items, at })
}
