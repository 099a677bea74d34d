import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { clientAddress, type IsTrusted } from '../network/http/client-address.ts'

/** Who asks, and for what address, as far as it can be believed. */
export interface Client {
  readonly address: string
  readonly proto: 'http' | 'https'
  /** The host that was asked for, with its port. */
  readonly host: string
  /** The addresses that it came by so far, the client's first: for `X-Forwarded-For`. */
  readonly chain: string
}

const none: IncomingHttpHeaders = {}

/** The other end of the connection, or what it says of the client where it is a trusted proxy. */
export function clientOf(request: Pick<IncomingMessage, 'socket' | 'headers'>, isTrusted: IsTrusted): Client {
  const { socket, headers } = request
  const remote = clientAddress({ headers: none, socket }, isTrusted)
  const proto = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  const host = headers.host ?? ''
  if (!isTrusted(remote)) return { address: remote, proto, host, chain: remote }
  const address = clientAddress(request, isTrusted)
  const before = last(headers['x-forwarded-proto'])
  const said = headers['x-forwarded-for']
  return {
    address,
    proto: before === 'https' || before === 'http' ? before : proto,
    host: last(headers['x-forwarded-host']) ?? host,
    chain: said === undefined ? remote : `${String(said)}, ${remote}`,
  }
}

/** What the nearest proxy has said. A host with other characters than hosts have is none. */
function last(header: string | string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header.split(',').at(-1)?.trim() : undefined
  return text !== undefined && /^[\w.:[\]-]+$/.test(text) ? text : undefined
}
