import { IncomingMessage, STATUS_CODES } from 'node:http'
import { hasBody, isWithin } from './body.ts'
import type { Exchange } from './exchange.ts'

/** An answer before it is written. */
export interface Reply {
  readonly status: number
  readonly body?: string | Uint8Array
  /** Media type of the body; JSON unless said. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  /** All that is written for `headers`, `type` and the body, as `fieldsOf` makes it, where that was made before. */
  readonly fields?: readonly string[]
}

/** How much of a body that nobody wants is read before the connection is cut, and for how long. */
const LINGER_BYTES = 4 * 1024 * 1024
const LINGER_MS = 1_000
/** What remains of a body up to this length is read and thrown away, and the connection is kept. */
const DUMP_BYTES = 64 * 1024

// JSON is for programs: never rendered, guessed at, framed or stored by what lies between (OWASP REST Security Cheat Sheet)
export const commonHeaders: readonly string[] = [
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff',
  'content-security-policy',
  "default-src 'none'; frame-ancestors 'none'",
]

/** Writes the answer, once; `last` also ends the connection. */
export function write(exchange: Exchange, reply: Reply, last = false): void {
  const { request, response, body } = exchange
  if (exchange.answered) return
  const unread = body instanceof IncomingMessage && hasBody(request) && !request.complete && !isWithin(request, DUMP_BYTES)
  const bytes = reply.body === undefined ? 0 : Buffer.byteLength(reply.body)
  exchange.bytes = bytes
  response.writeHead(reply.status, withMore(reply, bytes, exchange.fields, last || unread))
  if (unread) linger(exchange, body, reply.body)
  else if (reply.body === undefined) response.end()
  else response.end(reply.body)
}

/** What an answer says of itself: names and values in turn. */
export function fieldsOf({ status, type, headers }: Reply, bytes: number): string[] {
  const fields = status === 204 || status === 304 ? [] : ['content-type', type ?? 'application/json', 'content-length', String(bytes)]
  for (let at = 0; at < commonHeaders.length; at += 2) {
    const name = commonHeaders[at]!
    if (headers?.[name] === undefined) fields.push(name, commonHeaders[at + 1]!)
  }
  for (const name in headers) fields.push(name, headers[name]!)
  return fields
}

function withMore(reply: Reply, bytes: number, more: Exchange['fields'], last: boolean): string[] {
  const fields = reply.fields ? reply.fields.slice() : fieldsOf(reply, bytes)
  if (last) fields.push('connection', 'close')
  for (const name in more) if (reply.headers?.[name] === undefined) fields.push(name, more[name]!)
  return fields
}

/**
 * Answers while the caller is still sending. Closing at once would reset the connection, and the caller might never see the answer; so a
 * little more is read first (RFC 9112 §9.6).
 */
function linger(exchange: Exchange, request: IncomingMessage, body: Reply['body']): void {
  const { response } = exchange
  if (body !== undefined) response.write(body)
  let read = 0
  const timer = setTimeout(finish, LINGER_MS)
  function finish(): void {
    clearTimeout(timer)
    response.end()
  }
  exchange.finish = finish
  request.on('error', finish)
  request.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > LINGER_BYTES) finish()
  })
  request.on('end', finish)
  response.on('close', () => clearTimeout(timer))
  request.resume()
}

/** An answer in full, for connections on which no request could be read. */
export function rawReply({ status, body = '', type = 'application/json' }: Reply): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`]
  return `${lines.join('\r\n')}\r\n\r\n${String(body)}`
}
