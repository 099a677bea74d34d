import fc from 'fast-check'
import { expect, test } from 'vitest'
import { preferredCoding } from './accept-encoding.ts'

const all = ['br', 'zstd', 'gzip'] as const

test.each([
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, zstd', 'zstd'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', undefined],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br ; q=0.5 , gzip ;Q=0.500', 'br'],
  ['br;q=0, gzip', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *', 'zstd'],
  ['gzip, *;q=0.1', 'gzip'],
  ['*;q=0', undefined],
  ['identity', undefined],
  ['identity, gzip', 'gzip'],
  ['identity, gzip;q=0.9', undefined],
  ['identity;q=0, gzip;q=0.1', 'gzip'],
  ['gzip;q=2', undefined],
  ['gzip;q=0.0001', undefined],
  ['gzip;level=9', undefined],
])('%j: %s', (field, coding) => {
  expect(preferredCoding(field, all)).toBe(coding)
})

test('what is not offered is not taken, whatever a client likes', () => {
  expect(preferredCoding('br, zstd', ['gzip'])).toBeUndefined()
  fc.assert(fc.property(fc.string(), (field) => [undefined, ...all].includes(preferredCoding(field, all))))
})
