import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apiKeyId, newApiKey } from './api-key.ts'

test('a key says its id, and keeps it when it gets a new secret', () => {
  const { id, text } = newApiKey('shop')
  expect(text).toMatch(/^shop_[\dA-Za-z]{12}_[\dA-Za-z]{49}$/)
  expect(apiKeyId(text, 'shop')).toBe(id)
  const next = newApiKey('shop', id)
  expect(next.text).not.toBe(text)
  expect(apiKeyId(next.text, 'shop')).toBe(id)
})

test('no character of a key may be another', () => {
  const { text } = newApiKey('shop')
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(...'09azAZ_-.'), (at, other) => {
      fc.pre(text[at] !== other)
      return apiKeyId(text.slice(0, at) + other + text.slice(at + 1), 'shop') === undefined
    }),
  )
})

test.each(['', 'shop_', 'shop__', 'key_abc_def', `shop_${'0'.repeat(12)}_${'0'.repeat(49)}`, `shop_${'_'.repeat(62)}`])('%j is no key', (text) => {
  expect(apiKeyId(text, 'shop')).toBeUndefined()
})

test('a key of another app is none of this one', () => {
  expect(apiKeyId(newApiKey('blog').text, 'shop')).toBeUndefined()
})
