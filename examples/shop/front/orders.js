import { customer, whenChanged } from './account.js'
import { read } from './api.js'
import { announce, button, element } from './element.js'
import { logIn } from './log-in.js'
import { written } from './money.js'
import { inWords } from './problem.js'
import { moment, stateOf } from './state.js'

const PAGE = 10

/** The customer's orders, newest first. */
export async function orders({ main, signal }) {
  const place = element('div', {})
  main.append(element('h1', {}, 'My orders'), place)
  whenChanged(() => void show(place, signal), signal)
  await show(place, signal)
}

async function show(place, signal) {
  if (customer() === undefined) {
    place.replaceChildren(element('p', { class: 'empty' }, 'Log in to see them. ', button('Log in', {}, logIn)))
    return
  }
  try {
    const first = await pageOf(undefined, signal)
    place.replaceChildren(first.items.length === 0 ? nothing() : list(first, signal))
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(element('p', { class: 'problem', role: 'alert' }, inWords(error)))
  }
}

function pageOf(after, signal) {
  return read(`/orders?${new URLSearchParams({ limit: String(PAGE), ...(after ? { after } : {}) })}`, { signal })
}

function nothing() {
  return element('p', { class: 'empty' }, 'None yet. ', element('a', { href: '#/' }, 'Look around'), '.')
}

function list(first, signal) {
  const items = element('ul', { class: 'orders' }, first.items.map(item))
  let { next } = first
  const more = button('Show older ones', { class: 'more', hidden: next === null }, async () => {
    const page = await pageOf(next, signal).catch((error) => announce(inWords(error)))
    if (!page) return
    items.append(...page.items.map(item))
    next = page.next
    more.hidden = next === null
  })
  return element('div', {}, items, more)
}

function item({ orderId, status, reason, total, placedAt }) {
  const { name, says } = stateOf({ status, reason })
  return element(
    'li',
    { 'data-order': orderId },
    element(
      'a',
      { href: `#/orders/${encodeURIComponent(orderId)}` },
      element('span', { class: `dot state-${status}` }),
      element('span', { class: 'about' }, element('strong', {}, name), element('span', { class: 'soft' }, reason ? says : moment(placedAt))),
      element('span', { class: 'amount' }, written(total)),
    ),
  )
}
