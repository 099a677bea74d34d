import { ways, customer, leave } from './account.js'
import { button, element } from './element.js'
import { inWords } from './problem.js'

/** Who is logged in, with the way out; or the way in. */
export function accountView() {
  const name = customer()
  if (name === undefined) return [button('Log in', { class: 'quiet' }, logIn)]
  return [element('span', { class: 'who' }, name), button('Log out', { class: 'quiet', title: `${name} is logged in` }, leave)]
}

/** Asks for whoever is there. Resolves to whether somebody has logged in. */
export function logIn() {
  return new Promise((resolve) => {
    const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×')
    const place = element('div', {})
    const dialog = element('dialog', { 'aria-label': 'Log in' }, close, place)
    const show = (way) => {
      const others = ways.filter((other) => other !== way).map((other) => button(other.title, { class: 'quiet' }, () => show(other)))
      place.replaceChildren(
        formOf(way, (next) => (next === undefined ? dialog.close() : show(next))),
        ...others,
      )
      place.querySelector('input').focus()
    }
    close.addEventListener('click', () => dialog.close())
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(customer() !== undefined)
    })
    document.body.append(dialog)
    dialog.showModal()
    show(ways[0])
  })
}

function formOf({ title, fields, act }, done) {
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true })
  const inputs = fields.map(({ label, ...properties }) => element('label', {}, label, element('input', { required: true, ...properties })))
  const submit = element('button', { class: 'primary' }, title)
  const form = element('form', { class: 'log-in' }, element('h2', {}, title), inputs, problem, submit)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    submit.disabled = true
    try {
      done(await act(Object.fromEntries(new FormData(form))))
    } catch (error) {
      problem.hidden = false
      problem.textContent = inWords(error)
    } finally {
      submit.disabled = false
    }
  })
  return form
}
