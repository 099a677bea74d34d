import { element } from './element.js'

/** An answer for people: how it went, then what it says. */
export function answerView({ status, milliseconds, text }) {
  const value = parsed(text)
  const head = element('p', { class: 'status' }, badge(status), element('span', {}, meaning(status)), element('span', { class: 'notes' }, `${milliseconds} ms`))
  const problem = status >= 400 && value?.code ? problemView(value) : undefined
  return [head, problem, text !== '' && jsonView(value === undefined ? text : value)]
}

function badge(status) {
  return element('strong', { class: `code code-${Math.floor(status / 100)}` }, String(status))
}

function meaning(status) {
  if (status === 204) return 'Done; there is nothing to answer'
  if (status < 300) return 'Done'
  return status < 500 ? 'Refused' : 'Failed'
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Problem details (RFC 9457) in words. */
export function problemView({ code, title, detail, executed, retryable, issues = [], traceId }) {
  const facts = [
    executed === 'no' ? 'nothing was changed' : 'it may have been executed: repeat it under the same Idempotency-Key only',
    retryable ? 'the same request may succeed later' : undefined,
    traceId && `the log has more under ${traceId}`,
  ]
  return element(
    'div',
    { class: 'problem' },
    element('h5', {}, title === code ? code : `${title} (${code})`),
    // the issues say the same, one by one
    detail && issues.length === 0 && element('p', {}, detail),
    issues.length > 0 &&
      element(
        'ul',
        {},
        issues.map(({ path, message }) => element('li', {}, path !== '' && element('code', {}, path), ` ${message}`)),
      ),
    element('p', { class: 'notes' }, facts.filter(Boolean).join(' · ')),
  )
}

const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** JSON, indented, with names and values told apart. */
export function jsonView(value) {
  const text = typeof value === 'string' && value.startsWith('<') ? value : JSON.stringify(value, null, 2)
  const parts = []
  let last = 0
  for (const found of text.matchAll(token)) {
    const [all, string, colon] = found
    parts.push(text.slice(last, found.index), element('span', { class: colon ? 'json-name' : string ? 'json-text' : 'json-value' }, string ?? all), colon ?? '')
    last = found.index + all.length
  }
  return element('pre', { class: 'json', tabIndex: 0 }, parts, text.slice(last))
}
