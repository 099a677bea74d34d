import { customer } from './account.js'
import { ask } from './api.js'
import * as basket from './basket.js'
import { button, element } from './element.js'
import { logIn } from './log-in.js'
import { sum, times, written } from './money.js'
import { picture } from './picture.js'
import { inWords } from './problem.js'

const cards = [
  { token: 'tok_ok', name: 'Card that pays', note: 'at once' },
  { token: 'tok_slow', name: 'Slow card', note: 'pays when the provider finds the time' },
  { token: 'tok_declined', name: 'Empty card', note: 'has no funds' },
]

/** The basket, and the way to an order. */
export async function checkout({ main, signal }) {
  const place = element('div', {})
  main.append(element('h1', {}, 'Your basket'), place)
  const card = cardChoice()
  const show = () => place.replaceChildren(...(basket.lines().length === 0 ? [nothing()] : [list(), card, footer(card)]))
  basket.whenChanged(show, signal)
  show()
}

function nothing() {
  return element('p', { class: 'empty' }, 'It is empty. ', element('a', { href: '#/' }, 'Look around'), '.')
}

function list() {
  return element('ul', { class: 'lines' }, basket.lines().map(lineItem))
}

function lineItem({ sku, name, price, quantity }) {
  const input = element('input', {
    type: 'number',
    min: '1',
    max: String(basket.MOST),
    value: String(quantity),
    inputMode: 'numeric',
    'aria-label': `Pieces of ${name}`,
  })
  input.addEventListener('change', () => basket.change(sku, Math.max(1, Math.floor(Number(input.value) || 1))))
  const remove = button('Remove', { class: 'quiet', 'aria-label': `Remove ${name}` }, () => basket.change(sku, 0))
  return element(
    'li',
    { 'data-sku': sku },
    picture({ sku, name }),
    element('div', { class: 'about' }, element('strong', {}, name), element('span', { class: 'soft' }, `${written(price)} each`)),
    element('div', { class: 'quantity' }, input, remove),
    element('span', { class: 'amount' }, written(times(price, quantity))),
  )
}

function cardChoice() {
  const choices = cards.map(({ token, name, note }, index) =>
    element(
      'label',
      { class: 'choice' },
      element('input', { type: 'radio', name: 'card', value: token, checked: index === 0 }),
      element('span', {}, element('strong', {}, name), ' ', element('span', { class: 'soft' }, note)),
    ),
  )
  return element('fieldset', { class: 'cards' }, element('legend', {}, 'Pay with'), choices)
}

function footer(card) {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  const order = button(customer() === undefined ? 'Log in and order' : 'Place the order', { class: 'primary' }, async () => {
    if (customer() === undefined && !(await logIn())) return
    problem.hidden = true
    try {
      location.hash = `#/orders/${await placed(card.querySelector(':checked').value)}`
    } catch (error) {
      problem.hidden = false
      problem.textContent = inWords(error)
    }
  })
  const total = sum(basket.lines().map(({ price, quantity }) => times(price, quantity)))
  return element('div', { class: 'checkout' }, element('p', { class: 'total' }, 'Total ', element('strong', {}, written(total))), problem, order)
}

async function placed(card) {
  const lines = basket.lines().map(({ sku, quantity }) => ({ sku, quantity }))
  const { orderId } = await ask('POST', '/orders', { body: { lines, card }, key: basket.orderKey(card) })
  basket.clear()
  return orderId
}
