import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { trustedProxies } from '../network/http/client-address.ts'
import { clientOf } from './client.ts'

const isTrusted = trustedProxies(['10.0.0.0/8'])
const from = (remoteAddress: string, headers: Record<string, string>) => ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage

test('of a proxy that writes Forwarded, what clients have said in X-Forwarded fields is not believed', () => {
  const forged = { host: 'inside', 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil' }
  const forwarded = 'for=6.6.6.7;host=evil, for="192.0.2.7:4711";proto=https;host="shop.example.com:8443"'
  expect(clientOf(from('10.0.0.1', { ...forged, forwarded }), { isTrusted, header: 'forwarded' })).toEqual({
    address: '192.0.2.7',
    proto: 'https',
    host: 'shop.example.com:8443',
    chain: '192.0.2.7, 10.0.0.1',
    certificate: undefined,
  })
  expect(clientOf(from('10.0.0.1', forged), { isTrusted, header: 'forwarded' })).toMatchObject({
    address: '10.0.0.1',
    proto: 'http',
    host: 'inside',
    chain: '10.0.0.1',
  })
  expect(clientOf(from('10.0.0.1', { ...forged, forwarded }), { isTrusted })).toMatchObject({
    address: '6.6.6.6',
    proto: 'https',
    host: 'evil',
    chain: '6.6.6.6, 10.0.0.1',
  })
  expect(clientOf(from('192.0.2.9', { ...forged, forwarded }), { isTrusted, header: 'forwarded' })).toMatchObject({ address: '192.0.2.9', host: 'inside' })
})
