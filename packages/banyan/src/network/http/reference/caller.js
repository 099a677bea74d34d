const ISSUER = '_development/token'

/** Who requests are sent for. Answers a function that gives the token; in development one can be had for any name. */
export function callerForm() {
  const input = document.querySelector('#token')
  const form = document.querySelector('#caller')
  const who = document.querySelector('#who')
  const tell = () => (who.textContent = input.value === '' ? '' : saying(input.value))
  input.value = sessionStorage.getItem('token') ?? ''
  input.addEventListener('input', () => {
    sessionStorage.setItem('token', input.value.trim())
    tell()
  })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const { subject, roles } = Object.fromEntries(new FormData(form))
    const body = { subject: subject || 'ada', roles: (roles || (subject ? '' : 'customer')).split(/[\s,]+/).filter(Boolean) }
    const response = await fetch(ISSUER, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    const answer = await response.json()
    if (!response.ok) {
      who.textContent = answer.detail
      return
    }
    input.value = answer.token
    input.dispatchEvent(new Event('input'))
  })
  tell()
  // only in development somebody answers there
  void fetch(ISSUER, { method: 'OPTIONS' }).then(({ ok }) => (form.hidden = !ok))
  return () => input.value.trim()
}

/** What a token says of itself; only the server can tell whether that is true. */
function saying(token) {
  try {
    const { sub, roles = [], exp } = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
    const until = exp ? `, until ${new Date(exp * 1000).toLocaleTimeString()}` : ''
    return `${sub}${roles.length > 0 ? ` (${roles.join(', ')})` : ''}${until}`
  } catch {
    return 'this is no token that can be read'
  }
}
