import { answerView, jsonView, problemView } from './answer.js'
import { element } from './element.js'
import { curlOf, eventsOf, newKey, requestOf } from './request.js'
import { exampleOf, resolved } from './schema.js'

/** A form that sends an operation's request and shows what came back. `token` gives the token to send. */
export function attempt(operation, document, token) {
  const result = element('div', { class: 'result', 'aria-live': 'polite' })
  const inputs = new Map(operation.parameters.filter(({ in: place }) => place !== 'header').map((parameter) => [parameter.name, inputOf(parameter, document)]))
  const key = operation.method === 'GET' ? undefined : keyInput()
  const body = operation.body && element('textarea', { rows: 1, spellcheck: false, value: JSON.stringify(exampleOf(operation.body, document), null, 2) })
  const labels = [...inputs].map(([name, input]) => element('label', {}, element('span', {}, name), input))
  if (key) labels.push(element('label', { class: 'wide' }, element('span', {}, 'Idempotency-Key'), key))
  if (body) labels.push(element('label', { class: 'wide' }, element('span', {}, 'Body'), body))
  const request = () => {
    const parameters = Object.fromEntries([...inputs].map(([name, { value }]) => [name, value]))
    return requestOf(operation, { parameters, key: key?.value, body: body?.value }, token())
  }
  const buttons = [element('button', { class: 'primary' }, 'Send'), operation.live && watchButton(request, result), copyButton(request)]
  const form = element(
    'form',
    { class: 'attempt', autocomplete: 'off' },
    element('div', { class: 'inputs' }, labels),
    element('div', { class: 'buttons' }, buttons),
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    result.replaceChildren(...(await sent(request())))
  })
  return [form, result]
}

function keyInput() {
  return element('input', { value: newKey(), spellcheck: false, placeholder: 'none: each request is a new one', maxLength: 255 })
}

function inputOf({ name, schema: given, content, required }, document) {
  const schema = resolved(given ?? content?.['application/json']?.schema, document)
  const choices = schema.enum ?? (schema.type === 'boolean' ? [true, false] : undefined)
  if (choices) {
    const options = choices.map((value) => element('option', { value: String(value) }, String(value)))
    return element('select', { name }, !required && element('option', { value: '' }, ''), options)
  }
  const number = schema.type === 'integer' || schema.type === 'number'
  const hint = schema.default === undefined ? (schema.type === 'array' ? 'separated by commas' : '') : String(schema.default)
  return element('input', { name, required, spellcheck: false, placeholder: hint, inputMode: number ? 'numeric' : 'text' })
}

async function sent({ url, ...init }) {
  const began = performance.now()
  try {
    const response = await fetch(url, init)
    const text = await response.text()
    return answerView({ status: response.status, milliseconds: Math.round(performance.now() - began), text }).filter(Boolean)
  } catch (error) {
    return [element('p', { class: 'problem' }, `There was no answer: ${error.message}`)]
  }
}

function copyButton(request) {
  const button = element('button', { type: 'button' }, 'Copy as curl')
  button.addEventListener('click', async () => {
    await copied(curlOf(request()))
    button.textContent = 'Copied'
    setTimeout(() => (button.textContent = 'Copy as curl'), 1500)
  })
  return button
}

async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  // there is none where the page came over plain HTTP from another machine
  const area = element('textarea', { value: text })
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

/** Stays, and shows each new answer. */
function watchButton(request, result) {
  const button = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Watch')
  let leave
  button.addEventListener('click', async () => {
    if (leave) return leave.abort()
    leave = new AbortController()
    button.textContent = 'Stop watching'
    button.setAttribute('aria-pressed', 'true')
    await watched(request(), result, leave.signal)
    leave = undefined
    button.textContent = 'Watch'
    button.setAttribute('aria-pressed', 'false')
  })
  return button
}

async function watched({ url, headers }, result, signal) {
  const began = performance.now()
  try {
    const response = await fetch(url, { headers: { ...headers, Accept: 'text/event-stream' }, signal })
    if (response.headers.get('content-type') !== 'text/event-stream') {
      result.replaceChildren(
        ...answerView({ status: response.status, milliseconds: Math.round(performance.now() - began), text: await response.text() }).filter(Boolean),
      )
      return
    }
    for await (const { event, data } of eventsOf(response)) {
      const head = element(
        'p',
        { class: 'status' },
        element('strong', { class: 'code code-2' }, 'live'),
        element('span', {}, `as of ${new Date().toLocaleTimeString()}`),
      )
      result.replaceChildren(head, event === 'problem' ? problemView(data) : jsonView(data))
    }
  } catch (error) {
    if (!signal.aborted) result.replaceChildren(element('p', { class: 'problem' }, `The stream broke: ${error.message}`))
  }
}
