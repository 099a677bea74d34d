import { expect, test } from 'vitest'
import { TokenCache } from './token-cache.ts'

test('a value is there until its moment', () => {
  const cache = new TokenCache<number>(2)
  cache.keep('a', 1, 100)
  expect(cache.find('a', 99)).toBe(1)
  expect(cache.find('a', 100)).toBeUndefined()
  expect(cache.size).toBe(0)
})

test('when full, the one not used for longest goes', () => {
  const cache = new TokenCache<number>(2)
  cache.keep('a', 1, 100)
  cache.keep('b', 2, 100)
  cache.find('a', 0)
  cache.keep('c', 3, 100)
  expect(['a', 'b', 'c'].map((key) => cache.find(key, 0))).toEqual([1, undefined, 3])
})

test('keys that end alike are not taken for each other', () => {
  const cache = new TokenCache<string>(4)
  const end = 's'.repeat(40)
  cache.keep(`ada.${end}`, 'ada', 100)
  expect([cache.find(`cleo.${end}`, 0), cache.find(end, 0), cache.find(`ada.${end}`, 0)]).toEqual([undefined, undefined, 'ada'])
  cache.keep(`cleo.${end}`, 'cleo', 100)
  expect([cache.find(`cleo.${end}`, 0), cache.find(`ada.${end}`, 0)]).toEqual(['cleo', undefined])
})
