import { createHmac } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { identity } from './identity.ts'
import { peerTokens } from './peer-token.ts'

const secret = 'a secret that all units of the app share'
const tokens = peerTokens({ app: 'shop', secret })
const who = identity({ subject: 'u1', roles: ['customer'], tenant: 't1' })

function forged(header: object, claims: object, key = secret): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}
const header = { alg: 'HS256', typ: 'banyan-peer+jwt' }
const claims = { aud: 'shop', caller: 'orders', sub: 'u1', roles: [], tenant: 't1', exp: Date.now() / 1000 + 60 }

test('what one unit says, another of the same app reads', () => {
  const other = peerTokens({ app: 'shop', secret })
  expect(other.verify(tokens.issue('orders', who))).toEqual({ caller: 'orders', identity: who })
  expect(other.verify(forged(header, claims))).toMatchObject({ caller: 'orders' })
})

test('a request passed on from outside has no calling service', () => {
  expect(tokens.verify(tokens.issue(undefined, who))).toEqual({ caller: undefined, identity: who })
  expect(tokens.verify(tokens.issue('', who)).caller).toBeUndefined()
})

test('both sides remember: one token for one caller and identity, one identity for one token', () => {
  const token = tokens.issue('orders', who)
  expect(tokens.issue('orders', identity({ subject: 'u1', roles: ['customer'], tenant: 't1' }))).toBe(token)
  expect(tokens.issue('payments', who)).not.toBe(token)
  expect(tokens.verify(token)).toBe(tokens.verify(token))
})

test('tokens of many who have the same roles are remembered side by side', () => {
  const roles = ['customer', 'subscriber', 'reader']
  const asked = () => ['ada', 'bo'].map((subject) => tokens.issue('orders', identity({ subject, roles })))
  const first = asked()
  const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000) // what is made now says another moment
  try {
    expect(asked()).toEqual(first)
  } finally {
    later.mockRestore()
  }
})

test.each([
  ['another secret', forged(header, claims, 'x'.repeat(32)), 'another secret'],
  ['another app', forged(header, { ...claims, aud: 'blog' }), "for the app 'blog'"],
  ['its time over', forged(header, { ...claims, exp: Date.now() / 1000 - 31 }), 'expired'],
  ['another header', forged({ alg: 'none' }, claims), 'is none'],
  ['no signature', forged(header, claims).split('.').slice(0, 2).join('.'), 'is none'],
  ['an empty signature', `${forged(header, claims).split('.').slice(0, 2).join('.')}.`, 'another secret'],
  ['nothing', '', 'is none'],
])('a token with %s is refused', (_what, token, message) => {
  expect(() => tokens.verify(token)).toThrow(expect.objectContaining({ code: 'unauthenticated', message: expect.stringContaining(message) }))
})

test('a short secret is refused', () => {
  expect(() => peerTokens({ app: 'shop', secret: 'short' })).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
})

test('a remembered token is not good for longer than it says', () => {
  const short = peerTokens({ app: 'shop', secret, lifetime: -31 })
  const token = short.issue('orders', who)
  expect(() => short.verify(token)).toThrow(expect.objectContaining({ code: 'unauthenticated' }))
})
