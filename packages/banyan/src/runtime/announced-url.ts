import { networkInterfaces } from 'node:os'
import { authority } from '../kernel/authority.ts'
import { originOf } from '../network/http/client.ts'

interface Listening {
  /** What the topology or BANYAN_URL says. */
  readonly said: string | undefined
  readonly host: string
  readonly port: number
  /** Whether it listens with TLS. */
  readonly secure?: boolean
}

interface AnnouncedUrl {
  readonly url: string
  /** Why it is this one, for the log. */
  readonly because: string
}

/**
 * Where others reach this process: what is said, else the address it listens on; where it listens on all of them, the machine's first that
 * is not its own loopback, IPv4 before IPv6. Throws `invalid_configuration` for a said one that is none.
 */
export function announcedUrl(
  { said, host, port, secure = false }: Listening,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): AnnouncedUrl {
  const scheme = secure ? 'https' : 'http'
  if (said !== undefined) return { url: originOf(said), because: 'it is said by `url` or BANYAN_URL' }
  if (host !== '0.0.0.0' && host !== '::') return { url: `${scheme}://${authority(host, port)}`, because: 'it listens there' }
  const outward = Object.entries(interfaces).flatMap(([name, found = []]) => found.filter(({ internal }) => !internal).map((one) => ({ name, ...one })))
  const found = outward.find(({ family }) => family === 'IPv4') ?? (host === '::' ? outward.find(isGlobal) : undefined)
  if (!found)
    return { url: `${scheme}://${authority('127.0.0.1', port)}`, because: 'this machine has no other address; set BANYAN_URL to be reached from elsewhere' }
  return {
    url: `${scheme}://${authority(found.address, port)}`,
    because: `it listens on all addresses, and this is the first, of ${found.name}; BANYAN_URL says another`,
  }
}

/** Link-local addresses (fe80::/10) mean nothing without the interface they belong to. */
function isGlobal({ family, address }: { readonly family: string; readonly address: string }): boolean {
  return family === 'IPv6' && !/^fe[89ab]/i.test(address)
}
