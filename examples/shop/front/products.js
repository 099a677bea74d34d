import { read } from './api.js'
import * as basket from './basket.js'
import { announce, button, element } from './element.js'
import { written } from './money.js'
import { picture } from './picture.js'
import { inWords } from './problem.js'

const PAGE = 24
/** Below this many pieces it is said how many there are. */
const FEW = 5

/** What the shop sells, to browse and to search. */
export async function products({ main, query, signal }) {
  const input = element('input', { type: 'search', name: 'q', value: query.get('q') ?? '', placeholder: 'tea, lamp, blanket …', autocomplete: 'off' })
  const form = element('form', { class: 'search', role: 'search' }, element('label', {}, element('span', {}, 'Search'), input))
  const list = element('div', { 'aria-live': 'off' })
  main.append(element('section', { class: 'hero' }, element('h1', {}, 'Things for rainy afternoons'), form), list)
  let shown = new AbortController()
  const show = () => {
    shown.abort()
    shown = new AbortController()
    const words = input.value.trim()
    history.replaceState(null, '', words === '' ? '#/' : `#/?q=${encodeURIComponent(words)}`)
    return listing(list, words, AbortSignal.any([signal, shown.signal]))
  }
  let typing
  input.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(show, 250)
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    clearTimeout(typing)
    void show()
  })
  await show()
}

async function listing(place, words, signal) {
  place.setAttribute('aria-busy', 'true')
  try {
    const page = await pageOf(words, undefined, signal)
    if (page.items.length === 0) place.replaceChildren(element('p', { class: 'empty' }, `Nothing here is called “${words}”.`))
    else place.replaceChildren(grid(page, words, signal))
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(element('p', { class: 'problem', role: 'alert' }, inWords(error)))
  } finally {
    place.removeAttribute('aria-busy')
  }
}

function pageOf(words, after, signal) {
  const query = new URLSearchParams({ limit: String(PAGE), ...(words === '' ? {} : { q: words }), ...(after ? { after } : {}) })
  return read(`/products?${query}`, { signal })
}

function grid(first, words, signal) {
  const items = element(
    'ul',
    { class: 'products' },
    first.items.map((product) => card(product, signal)),
  )
  let { next } = first
  const more = button('Show more', { class: 'more', hidden: next === null }, async () => {
    const page = await pageOf(words, next, signal).catch((error) => announce(inWords(error)))
    if (!page) return
    items.append(...page.items.map((product) => card(product, signal)))
    next = page.next
    more.hidden = next === null
  })
  return element('div', {}, items, more)
}

function card(product, signal) {
  const { sku, name, description, price } = product
  const stock = element('span', { class: 'stock' }, ' ')
  const put = button('Add to basket', { 'aria-label': `Add ${name} to the basket` }, () =>
    announce(basket.add(product) ? `${name} is in your basket.` : 'No more of that fits into one order.'),
  )
  void stockOf(sku, signal).then((level) => {
    if (level === undefined) return stock.remove()
    const { available } = level
    stock.textContent = available === 0 ? '' : available <= FEW ? `Only ${available} left` : 'In stock'
    stock.classList.add(available <= FEW ? 'few' : 'enough')
    if (available > 0) return
    put.disabled = true
    put.textContent = 'Sold out'
    put.setAttribute('aria-label', `${name} is sold out`)
  })
  const text = element('div', { class: 'about' }, element('h2', {}, name), element('p', { class: 'soft' }, description))
  return element('li', { 'data-sku': sku }, picture(product), text, element('p', { class: 'price' }, element('strong', {}, written(price)), stock), put)
}

/** What is on the shelf; `undefined` where that cannot be said now, which keeps nobody from ordering. */
function stockOf(sku, signal) {
  return read(`/stock/${encodeURIComponent(sku)}`, { signal }).catch((error) => (error.status === 404 ? { available: 0 } : undefined))
}
