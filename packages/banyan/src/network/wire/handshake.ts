import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { asCertificateRefusal, callingTls, type TlsOptions } from '../../security/tls.ts'
import type { Problem } from '../http/problem.ts'
import { unreachable } from '../unreachable.ts'

/** Where units ask each other for the wire, on the port that they answer HTTP on. */
export const WIRE_PATH = '/~/wire'
/** What they ask for; a later version has another number and is offered beside this one (RFC 9110 §7.8). */
export const WIRE_PROTOCOL = 'banyan/1'

/** Whether a request asks for a wire of a version that this side speaks. */
export function asksForWire({ method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): boolean {
  const offered = headers.upgrade?.split(',').map((one) => one.trim().toLowerCase())
  return method === 'GET' && url === WIRE_PATH && offered?.includes(WIRE_PROTOCOL) === true
}

/** The answer that begins a wire. */
export const switching: string = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${WIRE_PROTOCOL}\r\n\r\n`

export interface DialOptions {
  readonly origin: string
  readonly token: string
  /** Milliseconds until the wire has begun. */
  readonly connectMs: number
  /** Where the origin is one of https. */
  readonly tls?: TlsOptions | undefined
}

/** A connection on which the wire is spoken from now on; `undefined`: the other side answers, but does not speak it. Throws `unavailable`, or what else it answers. */
export function dial({ origin, token, connectMs, tls }: DialOptions): Promise<Duplex | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex | undefined>()
  const url = new URL(WIRE_PATH, origin)
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  const options: RequestOptions = {
    ...(url.protocol === 'https:' && callingTls(tls)),
    agent: false,
    headers: { connection: 'Upgrade', upgrade: WIRE_PROTOCOL, authorization: `Bearer ${token}` },
  }
  const asking = request(url, options)
  // not a signal of the request, which would hold on to the connection after it
  const late = setTimeout(() => asking.destroy(new Error(`it gave no answer in ${connectMs} ms`)), connectMs)
  asking.on('close', () => clearTimeout(late))
  asking.on('upgrade', (_response, socket, head) => {
    clearTimeout(late)
    if (head.length > 0) socket.unshift(head)
    socket.setNoDelay(true)
    resolve(socket)
  })
  asking.on('response', (response) => {
    const { statusCode: status = 0 } = response
    if (status !== 401 && status !== 503) {
      response.resume()
      return resolve(undefined)
    }
    const why = status === 503 ? `${origin} is shutting down, or full` : `${origin} does not take this unit for one of the app`
    bodyOf(response).then(
      (body) => reject(asCertificateRefusal(refusal(body, status, why), origin)),
      (error) => reject(new BanyanError('unavailable', `${why}: ${messageOf(error)}`, { executed: 'no', cause: error })),
    )
  })
  asking.on('error', (error) => reject(new BanyanError('unavailable', unreachable(origin, error), { executed: 'no', cause: error })))
  asking.end()
  return promise
}

const MOST_REFUSAL_BYTES = 64 * 1024

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) if (body.length < MOST_REFUSAL_BYTES) body += String(chunk)
  return body
}

function refusal(body: string, status: number, why: string): BanyanError {
  let said: Partial<Problem> = {}
  try {
    said = JSON.parse(body) as Partial<Problem>
  } catch {
    // by something in between; the status tells enough
  }
  const details = (said.details ?? {}) as Record<string, unknown>
  const what = said.detail === undefined ? why : `${why}: ${said.detail}`
  return new BanyanError(status === 401 ? 'unauthenticated' : 'unavailable', what, { executed: 'no', details })
}
