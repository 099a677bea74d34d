const states = {
  placed: { short: 'Placed', name: 'Placed', says: 'We are looking whether everything is on the shelf.' },
  reserved: { short: 'Set aside', name: 'Set aside for you', says: 'Now we ask for the money.' },
  paid: { short: 'Paid', name: 'Paid', says: 'One moment more.' },
  confirmed: { short: 'Confirmed', name: 'Confirmed', says: 'It is paid, and it is yours.' },
  shipped: { short: 'On its way', name: 'On its way', says: 'It has left the house.' },
  cancelled: { short: 'Cancelled', name: 'Cancelled', says: 'Nothing will be sent.' },
}

const reasons = {
  'sold out': { says: 'It was sold out before it was your turn. Nothing was charged.', again: true },
  declined: { says: 'The card was declined. What we had set aside is back on the shelf.', again: true },
  expired: { says: 'The payment did not come in time.', again: true },
  'by the customer': { says: 'You cancelled it.', again: false },
}

/** An order's state in the customer's words; a state that this page does not know yet is told as it is. */
export function stateOf({ status, reason }) {
  const known = states[status] ?? { short: status, name: status, says: '' }
  return reason ? { ...known, says: reasonOf(reason).says } : known
}

export function reasonOf(reason) {
  return reasons[reason] ?? { says: reason, again: false }
}

/** Whether the customer may still try to cancel. */
export function open(status) {
  return status === 'placed' || status === 'reserved' || status === 'paid' || status === 'confirmed'
}

/** A time for people. */
export function moment(text) {
  return new Date(text).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })
}
