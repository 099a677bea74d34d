import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { announcedUrl } from './announced-url.ts'

const address = (family: 'IPv4' | 'IPv6', text: string, internal = false) =>
  ({ family, address: text, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as NetworkInterfaceInfo
const machine = { lo: [address('IPv4', '127.0.0.1', true)], eth0: [address('IPv6', 'fe80::1'), address('IPv6', '2001:db8::7'), address('IPv4', '10.0.0.7')] }
const announced = (host: string, said?: string, interfaces: Record<string, NetworkInterfaceInfo[]> = machine) =>
  announcedUrl({ said, host, port: 3000 }, interfaces)

test('what is said goes first, then the address that it listens on', () => {
  expect(announced('0.0.0.0', 'http://sales.internal:80').url).toBe('http://sales.internal')
  expect(announced('127.0.0.1').url).toBe('http://127.0.0.1:3000')
  expect(announced('::1').url).toBe('http://[::1]:3000')
  expect(() => announced('127.0.0.1', 'sales')).toThrow("'sales' is not the address of a unit")
})

test('on all addresses: the first that others can reach, and the log says which', () => {
  expect(announced('0.0.0.0')).toEqual({ url: 'http://10.0.0.7:3000', because: expect.stringContaining('of eth0; BANYAN_URL says another') })
  expect(announced('::', undefined, { eth0: machine.eth0.slice(0, 2) }).url).toBe('http://[2001:db8::7]:3000')
  expect(announced('0.0.0.0', undefined, { eth0: machine.eth0.slice(0, 2) }).url).toBe('http://127.0.0.1:3000')
  expect(announced('0.0.0.0', undefined, {})).toEqual({ url: 'http://127.0.0.1:3000', because: expect.stringContaining('no other address') })
})
