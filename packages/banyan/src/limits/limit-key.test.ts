import { expect, test } from 'vitest'
import type { LimitKey } from '../model/limit.ts'
import { limitKey, networkOf } from './limit-key.ts'

const identity = (subject: string) => ({ subject, roles: [], scopes: [], attributes: {}, tenant: 'acme', has: () => false })
const of = (per: LimitKey, subject = 'ada', address = '203.0.113.9') =>
  limitKey(per, { identity: identity(subject), address, operation: 'orders.place', input: { email: 'ada@example.com' } })

test('a request is counted for what its limit says', () => {
  expect([of('user'), of('user', 'anonymous'), of('ip'), of('tenant'), of('operation')]).toEqual([
    'user:ada',
    'ip:203.0.113.9',
    'ip:203.0.113.9',
    'tenant:acme',
    'all',
  ])
  expect(of(({ input }) => (input as { email: string }).email)).toBe('by:ada@example.com')
})

test('what a client writes does not fill the memory', () => {
  const [long, other] = ['a', 'b'].map((letter) => of(() => letter.repeat(10_000)))
  expect(long).toHaveLength(43)
  expect(long).not.toBe(other)
})

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0db8:0001::1', '2001:db8:1:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s is of %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
