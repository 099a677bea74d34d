import { customer, whenChanged } from './account.js'
import { ask, read, watch } from './api.js'
import { announce, button, element } from './element.js'
import { logIn } from './log-in.js'
import { times, written } from './money.js'
import { picture } from './picture.js'
import { inWords } from './problem.js'
import { moment, open, reasonOf, stateOf } from './state.js'

const steps = ['placed', 'reserved', 'confirmed', 'shipped']

/** One order, as it is at every moment. */
export async function order({ main, parameters: [orderId], signal }) {
  const place = element('div', {}, element('p', { class: 'soft' }, 'Looking for it …'))
  main.append(element('h1', {}, 'Your order'), place)
  let shown = new AbortController()
  const show = () => {
    shown.abort()
    shown = new AbortController()
    return follow(orderId, place, AbortSignal.any([signal, shown.signal]))
  }
  whenChanged(() => void show(), signal)
  await show()
}

async function follow(orderId, place, signal) {
  const named = names()
  let last
  place.setAttribute('aria-busy', 'true')
  try {
    for await (const found of watch(`/orders/${encodeURIComponent(orderId)}`, signal)) {
      const { name: title } = stateOf(found)
      place.replaceChildren(...(await orderView(found, named)))
      place.removeAttribute('aria-busy')
      if (last !== undefined && last !== title) announce(`Your order: ${title}.`, { heard: true })
      last = title
    }
  } catch (error) {
    const stranger = customer() === undefined
    place.replaceChildren(element('p', { class: 'problem', role: 'alert' }, inWords(error)), ...(stranger ? [button('Log in', {}, logIn)] : []))
    place.removeAttribute('aria-busy')
  }
}

async function orderView(found, named) {
  const { orderId, status, lines, total, refunded, placedAt } = found
  const { name, says } = stateOf(found)
  return [
    element('p', { class: `state state-${status}`, 'data-status': status }, element('strong', {}, name), element('span', {}, says)),
    progress(status),
    element('ul', { class: 'lines' }, await Promise.all(lines.map((line) => lineItem(line, named)))),
    element('p', { class: 'total' }, 'Total ', element('strong', {}, written(total))),
    refunded?.amount > 0 ? element('p', { class: 'total soft' }, `Paid back ${written(refunded)}`) : undefined,
    element('p', { class: 'soft' }, `Placed ${moment(placedAt)} · number ${orderId}`),
    cancelButton(found),
  ].filter((part) => part !== undefined)
}

/** How far it has come; what is beyond is still ahead. */
function progress(status) {
  const at = steps.indexOf(status === 'paid' ? 'reserved' : status)
  if (at < 0) return undefined
  const items = steps.map((step, index) => {
    const state = index < at ? 'done' : index === at ? 'here' : 'ahead'
    return element('li', { class: state, 'aria-current': index === at ? 'step' : undefined }, stateOf({ status: step }).short)
  })
  return element('ol', { class: 'progress', 'aria-label': 'Progress' }, items)
}

/** What may have become of pieces, beside what they cost. */
const fates = { shipped: 'on the way', cancelled: 'cancelled', returned: 'returned' }

async function lineItem({ sku, price, ...line }, named) {
  const { quantity } = line
  const name = await named(sku)
  const became = Object.entries(fates).filter(([fate]) => line[fate] > 0)
  const says = [`${quantity} at ${written(price)}`, ...became.map(([fate, word]) => `${line[fate]} ${word}`)]
  return element(
    'li',
    { 'data-sku': sku },
    picture({ sku, name }),
    element('div', { class: 'about' }, element('strong', {}, name), element('span', { class: 'soft' }, says.join(' · '))),
    element('span', { class: 'amount' }, written(times(price, quantity))),
  )
}

/** What products are called; an order knows their numbers only. */
function names() {
  const known = new Map()
  return (sku) => {
    const name =
      known.get(sku) ??
      read(`/products/${encodeURIComponent(sku)}`).then(
        ({ name: found }) => found,
        () => sku,
      )
    known.set(sku, name)
    return name
  }
}

function cancelButton({ orderId, status, reason }) {
  if (!open(status)) return reason && reasonOf(reason).again ? element('p', {}, element('a', { href: '#/' }, 'Look for something else')) : undefined
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  const cancel = button('Cancel this order', {}, async () => {
    try {
      const answer = await ask('POST', `/orders/${encodeURIComponent(orderId)}/cancel`)
      if (answer?.outcome === 'asked') announce('We stop what has not left yet, and pay it back.')
    } catch (error) {
      problem.hidden = false
      problem.textContent = inWords(error)
    }
  })
  return element('div', { class: 'cancel' }, problem, cancel)
}
