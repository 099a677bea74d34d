import { attempt } from './attempt.js'
import { callerForm } from './caller.js'
import { element } from './element.js'
import { fieldItem, fieldList, typeOf } from './schema.js'

const main = document.querySelector('#operations')
const contents = document.querySelector('#contents')
const token = callerForm()

try {
  const response = await fetch('openapi.json')
  if (!response.ok) throw new Error(`openapi.json was answered ${response.status}`)
  show(await response.json())
} catch (error) {
  main.append(element('p', { class: 'problem' }, `The operations cannot be read: ${error.message}. Load the page again.`))
}

function show(api) {
  document.title = `${api.info.title}: API reference`
  document.querySelector('h1').textContent = api.info.title
  const operations = operationsOf(api)
  const services = Map.groupBy(operations, ({ service }) => service)
  for (const [service, group] of services) {
    const articles = group.map((operation) => articleOf(operation, api))
    main.append(element('section', { 'aria-labelledby': `service-${service}` }, element('h2', { id: `service-${service}` }, service), articles))
    const links = group.map(({ id, method, path }) => element('li', {}, element('a', { href: `#${id}` }, methodBadge(method), element('span', {}, path))))
    contents.append(element('details', { open: matchMedia('(min-width: 60rem)').matches }, element('summary', {}, service), element('ul', {}, links)))
  }
  addEventListener('hashchange', reveal)
  document.querySelector('#search').addEventListener('input', (event) => search(event.target.value, operations))
  reveal()
}

function operationsOf(api) {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, node]) => ({
      path,
      method: method.toUpperCase(),
      id: node.operationId,
      service: node.tags[0],
      summary: node.summary,
      // that it is for somebody stands beside it
      description: node.description?.replace(/\s*For [^\n]*\.$/, ''),
      deprecated: node.deprecated === true,
      secret: node['x-secret'] === true,
      access: node['x-access'],
      parameters: node.parameters ?? [],
      body: node.requestBody?.content?.['application/json']?.schema,
      responses: node.responses,
      live: node.responses[200]?.content?.['text/event-stream'] !== undefined,
    })),
  )
}

function methodBadge(method) {
  return element('b', { class: `method method-${method.toLowerCase()}` }, method)
}

function articleOf(operation, api) {
  const { id, method, path, summary, access, live, deprecated } = operation
  const notes = [deprecated && 'deprecated', access, live && 'can be watched'].filter(Boolean)
  const head = element(
    'summary',
    {},
    methodBadge(method),
    element(
      'code',
      { class: 'path' },
      path.split(/(?<=\/)/).flatMap((segment) => [segment, element('wbr')]),
    ),
    element('span', { class: 'summary' }, summary),
    notes.length > 0 && element('span', { class: 'notes' }, notes.join(' · ')),
  )
  const article = element('details', { class: 'operation', id, name: 'operation' }, head)
  // filled when it is first opened, so that a long list is there at once
  article.addEventListener('toggle', () => article.append(bodyOf(operation, api)), { once: true })
  article.addEventListener('toggle', () => article.open && history.replaceState(null, '', `#${id}`))
  return article
}

function bodyOf(operation, api) {
  const { description, responses, access, secret } = operation
  const success = responses[200]?.content?.['application/json']?.schema
  const told = element(
    'div',
    { class: 'told' },
    description && element('p', {}, description),
    part('For', [
      element('p', {}, access === undefined ? 'the service says who' : access === 'anyone' ? 'anyone, also without a token' : access),
      secret && element('p', { class: 'notes' }, 'secret: neither input nor answer is kept'),
    ]),
    part('Takes', [takes(operation, api) ?? element('p', {}, 'nothing')]),
    part('Answers', success ? answers(success, api) : [element('p', {}, 'nothing (204)')]),
    part('Refuses', refusals(responses, api)),
  )
  return element('div', { class: 'body' }, told, element('div', { class: 'try' }, element('h4', {}, 'Try it'), attempt(operation, api, token)))
}

function part(title, children) {
  return element('section', {}, element('h4', {}, title), children)
}

function takes({ parameters, body }, api) {
  const named = parameters
    .filter(({ in: place }) => place !== 'header')
    .map(({ name, in: place, schema, content, required }) =>
      fieldItem({ name, schema: schema ?? Object.values(content ?? {})[0]?.schema ?? {}, required, place: `in the ${place}` }, api),
    )
  const list = named.length > 0 ? element('ul', { class: 'fields' }, named) : undefined
  return body ? element('div', {}, list, fieldList(body, api)) : list
}

function answers(schema, api) {
  const type = typeOf(schema, api)
  return [type !== 'object' && element('p', {}, type), fieldList(schema, api)]
}

/** The errors that the operation's contract declares. */
function refusals(responses, api) {
  const declared = Object.entries(responses).flatMap(([status, { content }]) => {
    const schema = content?.['application/problem+json']?.schema
    return status === '200' || !schema ? [] : declaredIn(schema).map((own) => ({ status, own }))
  })
  const item = ({ status, own }) =>
    element('li', {}, element('code', {}, own.code.const), element('span', { class: 'notes' }, status), fieldList(own.details, api))
  const others = `${declared.length === 0 ? 'only' : 'and'} what every operation may: problem details (RFC 9457)`
  return [declared.length > 0 && element('ul', { class: 'fields' }, declared.map(item)), element('p', { class: 'notes' }, others)]
}

/** The declared errors among the problems of one status; what has no details of its own is any problem. */
function declaredIn({ allOf, oneOf, anyOf }) {
  // what stands behind a gateway declares its problems in its own way
  if (allOf && !allOf[1]?.properties?.code?.const) return []
  return allOf ? [allOf[1].properties] : (oneOf ?? anyOf ?? []).flatMap(declaredIn)
}

/** Opens the operation that the address names. */
function reveal() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!named?.classList.contains('operation')) return
  named.open = true
  named.scrollIntoView()
}

function search(text, operations) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  for (const { id, method, path, access = '', summary } of operations) {
    const all = `${id} ${method} ${path} ${access} ${summary}`.toLowerCase()
    const shown = words.every((word) => all.includes(word))
    document.getElementById(id).hidden = !shown
    contents.querySelector(`a[href="#${CSS.escape(id)}"]`).parentElement.hidden = !shown
  }
  for (const group of [...main.querySelectorAll('section[aria-labelledby]'), ...contents.children])
    group.hidden = [...group.querySelectorAll('.operation, li:has(> a)')].every((one) => one.hidden)
}
