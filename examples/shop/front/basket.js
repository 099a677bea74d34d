/** What the customer means to buy: kept in this browser, also over a log-in. */

const kept = 'basket'
const changed = new EventTarget()
/** Most pieces of one product, and most products, that one order may have. */
export const MOST = 99
export const MOST_LINES = 20

/** Lines as they were put in: product and quantity. */
export function lines() {
  try {
    return JSON.parse(localStorage.getItem(kept))?.lines ?? []
  } catch {
    return []
  }
}

export function count() {
  return lines().reduce((total, { quantity }) => total + quantity, 0)
}

/** Adds pieces of a product; answers false where no more fit. */
export function add({ sku, name, price }, quantity = 1) {
  const all = lines()
  const line = all.find((one) => one.sku === sku)
  if (!line && all.length >= MOST_LINES) return false
  if (line && line.quantity + quantity > MOST) return false
  if (line) line.quantity += quantity
  else all.push({ sku, name, price, quantity })
  keep(all)
  return true
}

export function change(sku, quantity) {
  keep(lines().flatMap((line) => (line.sku === sku ? (quantity > 0 ? [{ ...line, quantity: Math.min(quantity, MOST) }] : []) : [line])))
}

export function clear() {
  keep([])
}

export function whenChanged(act, signal) {
  changed.addEventListener('change', act, { signal })
  // another tab
  addEventListener('storage', ({ key }) => key === kept && act(), { signal })
}

/** The key under which this basket is ordered: the same until the basket or the card changes, so that no double click orders twice. */
export function orderKey(card) {
  const stored = JSON.parse(localStorage.getItem(kept))
  stored.keys = { [card]: stored.keys?.[card] ?? newKey() }
  localStorage.setItem(kept, JSON.stringify(stored))
  return stored.keys[card]
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function keep(all) {
  localStorage.setItem(kept, JSON.stringify({ lines: all }))
  changed.dispatchEvent(new Event('change'))
}
