import { Problem, silence } from './problem.js'

/** Who shops here. Everything the page knows of accounts is in this file. */

const changed = new EventTarget()
const kept = 'customer'

/** The name of whoever is logged in; `undefined`: nobody. */
export function customer() {
  return stored()?.name
}

/** The access token to send; `undefined` where nobody is logged in. */
export async function token() {
  const { expires, token: found } = stored() ?? {}
  if (found !== undefined && expires < Date.now()) leave()
  return stored() && found
}

export function leave() {
  localStorage.removeItem(kept)
  changed.dispatchEvent(new Event('change'))
}

export function whenChanged(act, signal) {
  changed.addEventListener('change', act, { signal })
  // another tab
  addEventListener('storage', ({ key }) => key === kept && act(), { signal })
}

/** The ways in: what to ask for, and what to do with it. `act` throws a Problem. */
export const ways = [
  {
    title: 'Log in',
    note: 'While the shop is being built, a name is enough.',
    fields: [{ name: 'name', label: 'Name', autocomplete: 'username', pattern: '[^\\s].*', maxLength: 60 }],
    act: ({ name }) => enter(name.trim()),
  },
]

/** A token of the development issuer. */
async function enter(name) {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch('_development/token', { method: 'POST', headers, body: JSON.stringify({ subject: name, roles: ['customer'] }) }).catch(() => {
    throw silence
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Problem({ status: response.status, ...answer })
  keep({ name, token: answer.token, expires: expiryOf(answer.token) })
}

function keep(value) {
  localStorage.setItem(kept, JSON.stringify(value))
  changed.dispatchEvent(new Event('change'))
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(kept)) ?? undefined
  } catch {
    return undefined
  }
}

/** When a token ends, in milliseconds; a little early, so that none is sent that ends on the way. */
function expiryOf(given) {
  const { exp } = JSON.parse(atob(given.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
  return exp * 1_000 - 5_000
}
