/** A request as a form says it: method, address, headers and body, for `fetch` and for curl. */
export function requestOf(operation, values, token) {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(values.parameters[name] ?? ''))
  const query = new URLSearchParams()
  for (const { name, in: place, schema } of operation.parameters) {
    const text = values.parameters[name] ?? ''
    if (place !== 'query' || text === '') continue
    const texts = schema?.type === 'array' ? text.split(',').map((one) => one.trim()) : [text]
    for (const one of texts) query.append(name, one)
  }
  const headers = {}
  if (token) headers['Authorization'] = `Bearer ${token}`
  if (values.key) headers['Idempotency-Key'] = values.key
  if (values.body !== undefined) headers['Content-Type'] = 'application/json'
  const base = new URL('.', location.href).href.replace(/\/$/, '')
  return { method: operation.method, url: `${base}${path}${query.size > 0 ? `?${query}` : ''}`, headers, body: values.body }
}

/** The same for a terminal. */
export function curlOf({ method, url, headers, body }) {
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`  -H ${quoted(`${name}: ${value}`)}`)
  if (body !== undefined) lines.push(`  -d ${quoted(body)}`)
  return lines.join(' \\\n')
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** A UUIDv7 (RFC 9562 §5.7): the time, then chance. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const now = Date.now()
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256
  bytes[6] = (bytes[6] & 0x0f) | 0x70
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** The events of a stream (WHATWG HTML §9.2), as they come. */
export async function* eventsOf(response) {
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      if (field('data') !== undefined) yield { event: field('event') ?? 'message', data: JSON.parse(field('data')) }
    }
  }
}
