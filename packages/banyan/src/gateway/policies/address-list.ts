import { BlockList, isIP } from 'node:net'
import { BanyanError } from '../../kernel/errors.ts'

/** Addresses and networks. */
export interface AddressList {
  /** Whether it holds an address; what is no address is in no list. */
  has(address: string): boolean
}

const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  // RFC 1918, RFC 4193
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** A list of addresses (`192.0.2.1`), networks in CIDR notation (RFC 4632: `10.0.0.0/8`), `loopback` and `private`. Throws `invalid_configuration` for others. */
export function addressList(entries: readonly string[]): AddressList {
  const list = new BlockList()
  for (const entry of entries.flatMap((name) => named[name] ?? [name])) add(list, entry)
  return {
    has(address) {
      const version = isIP(address)
      return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6')
    },
  }
}

function add(list: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (version === 0 || !(prefix <= most))
    throw new BanyanError('invalid_configuration', `'${entry}' is neither an address nor a network; write '192.0.2.1', '10.0.0.0/8', 'loopback' or 'private'`)
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
}
