import type { Readable } from 'node:stream'
import { ExchangeFault } from './fault.ts'
import { fieldName } from './field-name.ts'

/** A request as it goes to a server. */
export interface ClientRequest {
  readonly method: string
  /** In origin form: a path with its query. */
  readonly target: string
  /** Names and values in turn. What they say of the connection and of the transfer coding is the client's own. */
  readonly headers: readonly string[]
  readonly body: Readable | Buffer | undefined
  /** Milliseconds from the last byte of the request to the first of the answer, and for the server to take a part of the body. */
  readonly timeoutMs: number
}

export interface RequestHead {
  /** With the empty line that ends it. */
  readonly text: string
  /** Bytes of a body that is a stream; `undefined`: it is sent in chunks, or there is none. */
  readonly length: number | undefined
  /** Whether the connection may be used once more. */
  readonly persistent: boolean
}

/** Of which a body is expected, and an empty one announced (RFC 9110 §8.6). */
const withBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])
const notInTarget = /[^\x21-\x7e\x80-\xff]/
const notInValue = /[^\t\x20-\x7e\x80-\xff]/

/**
 * The head of a request (RFC 9112 §3, §5). `host` is asked where the fields name none. Throws `UNSENDABLE` for what would break out of a
 * line, or contradicts how the request is framed, and `BODY_LENGTH` where a body is not as long as Content-Length says.
 */
export function requestHead({ method, target, headers, body }: ClientRequest, host: string): RequestHead {
  if (fieldName(method) === undefined) throw unsendable(`the method ${JSON.stringify(method)}`)
  if (!target.startsWith('/') || notInTarget.test(target)) throw unsendable(`the target ${JSON.stringify(target)}`)
  let fields = ''
  let named = false
  let said: number | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const written = headers[i]!
    const value = headers[i + 1]!
    const field = fieldName(written)
    if (field === undefined || notInValue.test(value)) throw unsendable(`the field ${JSON.stringify(written)} with the value ${JSON.stringify(value)}`)
    if (field.use === 'content-length') {
      if (said !== undefined || !/^\d{1,15}$/.test(value))
        throw unsendable(`the Content-Length ${said === undefined ? '' : `${said} and `}${JSON.stringify(value)}`)
      said = Number(value)
      continue
    }
    if (field.use === 'host') {
      if (named) throw unsendable('more than one Host')
      named = true
    } else if (field.use !== 'none') throw unsendable(`the field ${field.name}, which is for the connection`)
    fields += `${written}: ${value}\r\n`
  }
  const { framing, length } = framed(method, body, said)
  // a body that a server does not look for is the beginning of the next request to it; so is a body that it should not have sent to HEAD
  const persistent = method !== 'HEAD' && (isEmpty(body) || withBody.has(method))
  const connection = persistent ? 'connection: keep-alive\r\n' : 'connection: close\r\n'
  const text = `${method} ${target} HTTP/1.1\r\n${named ? '' : `host: ${host}\r\n`}${connection}${fields}${framing}\r\n`
  return { text, length, persistent }
}

function framed(method: string, body: ClientRequest['body'], said: number | undefined): { readonly framing: string; readonly length: number | undefined } {
  if (isEmpty(body)) return { framing: withBody.has(method) ? 'content-length: 0\r\n' : '', length: undefined }
  if (!Buffer.isBuffer(body)) {
    return said === undefined ? { framing: 'transfer-encoding: chunked\r\n', length: undefined } : { framing: `content-length: ${said}\r\n`, length: said }
  }
  if (said !== undefined && said !== body.length) throw new ExchangeFault('BODY_LENGTH', `a body of ${body.length} bytes with Content-Length ${said}`)
  return { framing: `content-length: ${body.length}\r\n`, length: undefined }
}

function isEmpty(body: ClientRequest['body']): body is undefined {
  return body === undefined || (Buffer.isBuffer(body) && body.length === 0)
}

function unsendable(what: string): ExchangeFault {
  return new ExchangeFault('UNSENDABLE', `${what} cannot be sent`)
}
