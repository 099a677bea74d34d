import { customer, forget, token } from './account.js'
import { Problem, silence } from './problem.js'

/** What this page has written, so that what it reads next is not older. */
let session = ''

/** Asks the shop. Answers its JSON; throws a Problem. A `key` lets the same request be repeated without being executed twice. */
export async function ask(method, path, { body, key, signal } = {}) {
  const headers = new Headers(await caller())
  if (body !== undefined) headers.set('Content-Type', 'application/json')
  if (key !== undefined) headers.set('Idempotency-Key', key)
  if (session !== '') headers.set('Banyan-Session', session)
  const response = await sent(path, { method, headers, signal, body: body === undefined ? null : JSON.stringify(body) })
  session = response.headers.get('Banyan-Session') ?? session
  if (!response.ok) throw await problemOf(response)
  return response.status === 204 ? undefined : response.json()
}

/** Reads with GET. */
export function read(path, options) {
  return ask('GET', path, options)
}

async function caller() {
  const good = await token()
  return good === undefined ? {} : { Authorization: `Bearer ${good}` }
}

async function sent(path, init) {
  try {
    return await fetch(path.slice(1), init)
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw silence
  }
}

async function problemOf(response) {
  if (response.status === 401 && customer() !== undefined) forget()
  return new Problem({ status: response.status, ...(await response.json().catch(() => ({}))) })
}

/**
 * The answers of a query as they change: server-sent events (WHATWG HTML §9.2), read with `fetch`, since `EventSource` cannot send a
 * token. Comes back when the stream ends, until `signal` aborts; throws a Problem that waiting will not mend.
 */
export async function* watch(path, signal) {
  const known = { id: '', retry: 2_000 }
  while (!signal.aborted) {
    try {
      yield* streamed(path, known, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Problem) || !error.retryable) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, known.retry))
  }
}

async function* streamed(path, known, signal) {
  const headers = { ...(await caller()), Accept: 'text/event-stream', ...(known.id === '' ? {} : { 'Last-Event-ID': known.id }) }
  const response = await sent(path, { headers, signal })
  if (!response.ok) throw await problemOf(response)
  for await (const { event, id, retry, data } of blocks(response.body)) {
    known.id = id ?? known.id
    if (retry !== undefined) known.retry = Number(retry)
    if (data === undefined) continue
    if (event === 'problem') throw new Problem(JSON.parse(data))
    yield JSON.parse(data)
  }
}

async function* blocks(body) {
  let text = ''
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        yield Object.fromEntries(lines.map((line) => line.split(/: ?(.*)/s)).filter(([name]) => name !== ''))
      }
    }
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw silence // the connection broke
  }
}
