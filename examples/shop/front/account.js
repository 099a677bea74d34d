import { Problem, silence } from './problem.js'

/** Who shops here. Everything the page knows of accounts is in this file. */

const kept = 'account'
const changed = new EventTarget()
/** A token is renewed so many milliseconds before its end, so that none ends on its way. */
const EARLY = 30_000

/** The name of whoever is logged in; `undefined`: nobody. */
export function customer() {
  return stored()?.name
}

/** The access token to send, renewed where it is about to end; `undefined` where nobody is logged in. */
export async function token() {
  const account = stored()
  if (account === undefined || account.expires > Date.now()) return account?.accessToken
  // a refresh token is good once, so of several tabs one asks and the others find what it was given
  return navigator.locks ? navigator.locks.request('account', renewed) : renewed()
}

export function leave() {
  const account = stored()
  if (account !== undefined) void post('/sessions/end', { refreshToken: account.refreshToken }).catch(() => undefined)
  forget()
}

/** Forgets who was here, without a word to the shop: it is the shop that has ended the session. */
export function forget() {
  localStorage.removeItem(kept)
  changed.dispatchEvent(new Event('change'))
}

/** Acts when somebody has come or gone, also in another tab; new tokens of the same customer are no news. */
export function whenChanged(act, signal) {
  let before = customer()
  const look = () => {
    if (customer() === before) return
    before = customer()
    act()
  }
  changed.addEventListener('change', look, { signal })
  addEventListener('storage', look, { signal })
}

const email = { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', maxLength: 254 }
const password = { name: 'password', label: 'Password', type: 'password', maxLength: 200 }

/** The ways in: what to ask for, and what to do with it. `act` answers what is to be asked next, if anything is, and throws a Problem. */
export const ways = [
  { title: 'Log in', fields: [email, { ...password, autocomplete: 'current-password' }], act: logIn },
  {
    title: 'Create an account',
    fields: [
      { name: 'name', label: 'Name', autocomplete: 'name', maxLength: 80 },
      email,
      { ...password, label: 'Password, at least 12 characters', autocomplete: 'new-password', minLength: 12 },
    ],
    async act({ name, ...credentials }) {
      await post('/users', { ...credentials, name: name.trim() })
      return logIn(credentials)
    },
  },
]

async function logIn(credentials) {
  const answer = await post('/sessions', credentials)
  return 'challenge' in answer ? secondFactor(answer.challenge) : enter(answer)
}

function secondFactor(challenge) {
  return {
    title: 'Go on',
    fields: [{ name: 'code', label: 'Code of your authenticator app, or a recovery code', autocomplete: 'one-time-code', minLength: 6, maxLength: 40 }],
    act: async ({ code }) => enter(await post('/sessions/second-factor', { challenge, code })),
  }
}

async function enter(tokens) {
  const response = await fetch('me', { headers: { Authorization: `Bearer ${tokens.accessToken}` } })
  keep((await response.json()).name, tokens)
}

async function renewed() {
  const account = stored()
  if (account === undefined || account.expires > Date.now()) return account?.accessToken
  const { name, refreshToken, key } = account
  try {
    keep(name, await post('/sessions/refresh', { refreshToken }, key))
  } catch (error) {
    // used before: by another tab, whose new tokens are on their way to this one, or by this one, which never saw the answer
    if (error.status !== 401 && error.code !== 'answer_not_kept') throw error
    if (!(await replaced(refreshToken))) forget()
  }
  return stored()?.accessToken
}

/** Whether other tokens come in place of these within a moment: browsers tell tabs of each other's storage a little late. */
function replaced(refreshToken) {
  const come = () => stored()?.refreshToken !== refreshToken
  return new Promise((resolve) => {
    const heard = new AbortController()
    const settle = () => {
      heard.abort()
      resolve(come())
    }
    addEventListener('storage', () => come() && settle(), { signal: heard.signal })
    setTimeout(settle, 1_000)
  })
}

function keep(name, { expiresIn, ...tokens }) {
  // the key of the next refresh: should its answer be lost, the repeat is known for one
  const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
  localStorage.setItem(kept, JSON.stringify({ name, ...tokens, key, expires: Date.now() + expiresIn * 1_000 - EARLY }))
  changed.dispatchEvent(new Event('change'))
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(kept)) ?? undefined
  } catch {
    return undefined
  }
}

async function post(path, body, key) {
  const headers = { 'Content-Type': 'application/json', ...(key === undefined ? {} : { 'Idempotency-Key': key }) }
  const response = await fetch(path.slice(1), { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => {
    throw silence
  })
  const answer = response.status === 204 ? undefined : await response.json().catch(() => ({}))
  if (!response.ok) throw new Problem({ status: response.status, ...answer })
  return answer
}
