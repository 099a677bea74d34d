import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { BanyanError } from '../../kernel/errors.ts'
import type { ForwardedHeader } from '../../model/app.ts'

/** Networks by name, as in RFC 6890. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** Whether an address belongs to a proxy of ours. */
export type IsTrusted = (address: string) => boolean

export const nobody: IsTrusted = () => false

/**
 * The proxies that `http.trustedProxies` names: addresses, networks such as `10.0.0.0/8`, and the names loopback, linklocal and private.
 * Throws `invalid_configuration` for what is none of them.
 */
export function trustedProxies(said: readonly string[] = []): IsTrusted {
  if (said.length === 0) return nobody
  const list = new BlockList()
  for (const network of said.flatMap((one) => named[one] ?? [one])) add(list, network)
  return (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

function add(list: BlockList, network: string): void {
  const [address = '', bits, ...rest] = network.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const prefix = bits === undefined ? most : Number(bits)
  if (version === 0 || rest.length > 0 || bits === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > most)
    throw new BanyanError(
      'invalid_configuration',
      `'${network}' among http.trustedProxies is no network; write an address, a network such as '10.0.0.0/8', or ${Object.keys(named).join(', ')}`,
    )
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
}

export interface AddressedRequest {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/**
 * The address of who asks. Each proxy adds the address that it was asked from at the right end of `X-Forwarded-For`, or of `Forwarded`
 * (RFC 7239); so what is said there is believed from the right, and only as long as it was said by a trusted proxy. What a client writes
 * itself stands further left and is never reached. Only the one header that the proxies write is read.
 */
export function clientAddress({ headers, socket }: AddressedRequest, isTrusted: IsTrusted, header: ForwardedHeader = 'x-forwarded-for'): string {
  let address = plain(socket.remoteAddress ?? '') ?? UNKNOWN
  if (isTrusted === nobody || !isTrusted(address)) return address
  const said = headers[header]
  if (said === undefined) return address
  const text = String(said)
  const hops = header === 'forwarded' ? forwardedFor(text) : text.split(',')
  for (let at = hops.length - 1; at >= 0 && isTrusted(address); at--) {
    const hop = plain(hops[at]!.trim())
    if (hop === undefined) return address // 'unknown', or a name that hides it (RFC 7239 §6.3): the proxy stands for whom it hides
    address = hop
  }
  return address
}

/** Of a socket that is closed already. */
const UNKNOWN = '0.0.0.0'

/** An address without port, brackets and zone, and IPv4 in its own form; `undefined`: it is none. */
function plain(text: string): string | undefined {
  if (isIPv4(text)) return text
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? (/^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text)
  const bare = address.split('%')[0]!.toLowerCase()
  if (isIP(bare) === 0) return undefined
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  return mapped ?? bare
}

/** The `for` of each element of a Forwarded header; empty where an element has none or cannot be read. */
function forwardedFor(text: string): readonly string[] {
  return elements(text).map((element) => parameterOf(element, 'for') ?? '')
}

/** What the last proxy says in a Forwarded header of the request that it got. */
export function lastForwarded(text: string, name: 'proto' | 'host'): string | undefined {
  return parameterOf(elements(text).at(-1) ?? '', name)
}

const parameters = {
  for: /(?:^|;)\s*for\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*(?:;|$)/i,
  proto: /(?:^|;)\s*proto\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*(?:;|$)/i,
  host: /(?:^|;)\s*host\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*(?:;|$)/i,
}

function parameterOf(element: string, name: keyof typeof parameters): string | undefined {
  const match = parameters[name].exec(element)
  return match?.[1] ?? match?.[2]
}

/** Split at commas outside of quoted strings. */
function elements(text: string): readonly string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+|"/g) ?? []
}
