import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientAddress, trustedProxies } from './client-address.ts'

const trusted = trustedProxies(['10.0.0.0/8', 'loopback', '2001:db8:1::/48'])

function address(remoteAddress: string | undefined, forwardedFor?: string, isTrusted = trusted): string {
  return clientAddress({ socket: { remoteAddress }, headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor } }, isTrusted)
}
function forwarded(remoteAddress: string, text: string): string {
  return clientAddress({ socket: { remoteAddress }, headers: { forwarded: text, 'x-forwarded-for': '6.6.6.6' } }, trusted, 'forwarded')
}

describe('X-Forwarded-For', () => {
  test.each([
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', '6.6.6.6, 198.51.100.7', '198.51.100.7'],
    ['10.0.0.1', '6.6.6.6, 198.51.100.7, 10.9.9.9,127.0.0.1', '198.51.100.7'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['2001:db8:1::1', '2001:DB8::7', '2001:db8::7'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.7, nonsense', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    [undefined, '198.51.100.7', '0.0.0.0'],
  ])('at %s with %j is of %s', (socket, header, expected) => {
    expect(address(socket, header)).toBe(expected)
  })

  test('is not read at all where no proxy is trusted', () => {
    expect(address('127.0.0.1', '6.6.6.6', trustedProxies())).toBe('127.0.0.1')
  })

  test('cannot be written by a client, whatever it writes', () => {
    fc.assert(fc.property(fc.string(), (written) => address('10.0.0.1', `${written}, 198.51.100.7`) === '198.51.100.7'))
  })
})

describe('Forwarded', () => {
  test.each([
    ['for=198.51.100.7', '198.51.100.7'],
    ['for="[2001:db8::7]:4711";proto=https', '2001:db8::7'],
    ['For="198.51.100.7:80", for=10.0.0.2;by=10.0.0.1', '198.51.100.7'],
    ['for=6.6.6.6, for=198.51.100.7', '198.51.100.7'],
    ['for="a, for=6.6.6.6", for=198.51.100.7', '198.51.100.7'],
    ['for=_hidden', '10.0.0.1'],
    ['proto=https', '10.0.0.1'],
    ['for=198.51.100.7, proto=https', '10.0.0.1'],
  ])('%j is of %s', (text, expected) => {
    expect(forwarded('10.0.0.1', text)).toBe(expected)
  })
})

test.each(['10.0.0.0/33', '10.0.0.0/', 'localhost', '', '10.0.0.0/8/8', '10.0.0.0/-1', '::1/129'])('%j is no network', (network) => {
  expect(() => trustedProxies([network])).toThrow(`'${network}' among http.trustedProxies is no network`)
})
