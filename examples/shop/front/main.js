import * as account from './account.js'
import * as basket from './basket.js'
import { checkout } from './checkout.js'
import { announce } from './element.js'
import { accountView } from './log-in.js'
import { order } from './order.js'
import { orders } from './orders.js'
import { products } from './products.js'

const title = document.title
const views = [
  { path: /^\/$/, view: products },
  { path: /^\/basket$/, view: checkout },
  { path: /^\/orders$/, view: orders },
  { path: /^\/orders\/(.+)$/, view: order },
]
let shown = new AbortController()

/** Shows what the address names after its #. */
async function show({ first = false } = {}) {
  const [path, query = ''] = (location.hash.slice(1) || '/').split('?')
  if (!path.startsWith('/')) return // a place in this page
  const found = views.map(({ path: pattern, view }) => ({ view, match: pattern.exec(path) })).find(({ match }) => match)
  if (!found) return location.replace('#/')
  shown.abort()
  shown = new AbortController()
  const main = document.querySelector('#main')
  main.replaceChildren()
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${path}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  scrollTo(0, 0)
  announce('')
  const ready = found.view({ main, parameters: found.match.slice(1).map(decodeURIComponent), query: new URLSearchParams(query), signal: shown.signal })
  const heading = main.querySelector('h1')?.textContent
  document.title = path === '/' ? title : `${heading} · ${title}`
  // so that who listens hears where they are
  if (!first) main.focus({ preventScroll: true })
  await ready
}

function showCount() {
  const place = document.querySelector('#basket-count')
  const count = basket.count()
  place.textContent = String(count)
  place.hidden = count === 0
  place.setAttribute('aria-label', `${count} ${count === 1 ? 'piece' : 'pieces'}`)
}

function showAccount() {
  document.querySelector('#account').replaceChildren(...accountView())
}

addEventListener('hashchange', () => void show())
basket.whenChanged(showCount)
account.whenChanged(showAccount)
showCount()
showAccount()
void show({ first: true })
