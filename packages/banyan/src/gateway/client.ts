import type { IncomingHttpHeaders } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { clientSubject } from '../security/client-certificate.ts'
import type { ForwardedHeader } from '../model/app.ts'
import type { HttpRequest } from '../network/http/message.ts'
import { clientAddress, lastForwarded, type IsTrusted } from '../network/http/client-address.ts'

/** Who asks, and for what address, as far as it can be believed. */
export interface Client {
  readonly address: string
  readonly proto: 'http' | 'https'
  /** The host that was asked for, with its port. */
  readonly host: string
  /** The addresses that it came by so far, the client's first: for `X-Forwarded-For`. */
  readonly chain: string
  /** Whom the certificate names that the other end of the connection has shown; `undefined`: it was not asked for one, or has none. */
  readonly certificate: string | undefined
}

const none: IncomingHttpHeaders = {}

export interface Believing {
  /** Who is believed what it says of clients. */
  readonly isTrusted: IsTrusted
  /** The header that those write; what clients have said in the other is not looked at. */
  readonly header?: ForwardedHeader | undefined
  /** Whether clients are asked for certificates. */
  readonly asked?: boolean | undefined
}

/** The other end of the connection, or what it says of the client where it is a trusted proxy. */
export function clientOf(request: Pick<HttpRequest, 'socket' | 'headers'>, { isTrusted, header = 'x-forwarded-for', asked = false }: Believing): Client {
  const { socket, headers } = request
  const remote = clientAddress({ headers: none, socket }, isTrusted)
  const proto = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  const host = headers.host ?? ''
  const certificate = asked ? clientSubject(socket) : undefined
  if (!isTrusted(remote)) return { address: remote, proto, host, chain: remote, certificate }
  const address = clientAddress(request, isTrusted, header)
  const { forwarded = '', 'x-forwarded-for': said } = headers
  const [before, asksFor] =
    header === 'forwarded'
      ? [lastForwarded(forwarded, 'proto')?.toLowerCase(), last(lastForwarded(forwarded, 'host'))]
      : [last(headers['x-forwarded-proto']), last(headers['x-forwarded-host'])]
  const chain = header === 'forwarded' ? (address === remote ? undefined : address) : said
  return {
    address,
    proto: before === 'https' || before === 'http' ? before : proto,
    host: asksFor ?? host,
    chain: chain === undefined ? remote : `${String(chain)}, ${remote}`,
    certificate,
  }
}

/** What the nearest proxy has said. A host with other characters than hosts have is none. */
function last(header: string | string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header.split(',').at(-1)?.trim() : undefined
  return text !== undefined && /^[\w.:[\]-]+$/.test(text) ? text : undefined
}
