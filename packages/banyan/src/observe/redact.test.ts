import { expect, test } from 'vitest'
import { isSecretName, redact, redactText } from './redact.ts'

test.each([
  'authorization',
  'Proxy-Authorization',
  'cookie',
  'Set-Cookie',
  'password',
  'db_password',
  'passwd',
  'accessToken',
  'refresh_token',
  'clientSecret',
  'x-api-key',
  'privateKey',
  'cardNumber',
  'card_number',
  'credit-card',
  'cvv',
  'pan',
  'iban',
])('a field named %s is blanked', (name) => {
  expect(redact({ [name]: 'value', deep: [{ deeper: { [name]: { all: 'of it' } } }] })).toEqual({
    [name]: '[redacted]',
    deep: [{ deeper: { [name]: '[redacted]' } }],
  })
})

test.each(['key', 'orderId', 'author', 'discard', 'company', 'spinner', 'cardinality', 'traceId'])('a field named %s is not', (name) => {
  expect(isSecretName(name)).toBe(false)
})

test('secrets inside texts are blanked by their form', () => {
  expect(redactText('Authorization: Bearer abc.def-ghi and more')).toBe('Authorization: Bearer [redacted] and more')
  expect(redactText('token eyJhbGciOi.eyJzdWIi.c2ln!')).toBe('token [redacted]!')
  expect(redactText('postgres://app:p%40ss@db:5432/shop')).toBe('postgres://app:[redacted]@db:5432/shop')
  expect(redactText('a basic idea')).toBe('a basic idea')
})

test('what JSON cannot say is named, and nothing throws', () => {
  const loop: Record<string, unknown> = { id: 1n, bytes: Buffer.from('abc'), when: new Date(0), map: new Map([['token', 't']]), set: new Set([1]) }
  loop['self'] = loop
  const broken = {
    get value() {
      throw new Error('no')
    },
  }
  expect(redact({ loop, broken })).toEqual({
    loop: { id: '1', bytes: '[3 bytes]', when: '1970-01-01T00:00:00.000Z', map: { token: '[redacted]' }, set: [1], self: '[circular]' },
    broken: '[unreadable]',
  })
  const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => ({ inner }), 'bottom')
  expect(JSON.stringify(redact(deep))).toContain('[too deep]')
})

test('what is logged is left as it was', () => {
  const value = { user: { password: 'p' } }
  redact(value)
  expect(value).toEqual({ user: { password: 'p' } })
})
