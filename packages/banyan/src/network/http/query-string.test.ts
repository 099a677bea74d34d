import { expect, test } from 'vitest'
import { parseQuery } from './query-string.ts'

const read = (query: string) => Object.fromEntries(parseQuery(query))

test.each([
  ['a=1&b=2', { a: '1', b: '2' }],
  ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
  ['a=x+y%20z%2B', { a: 'x y z+' }],
  ['a=1=2', { a: '1=2' }],
  ['a&b=', { a: '', b: '' }],
  ['&&a=1&', { a: '1' }],
  ['%C3%A9=%E2%82%AC', { é: '€' }],
  ['', {}],
])('%s', (query, fields) => {
  expect(read(query)).toEqual(fields)
})

test.each(['a=%zz', 'a=%', '%E2%82=1', 'a=%00', 'a=%ED%A0%80'])('%s is refused', (query) => {
  expect(() => read(query)).toThrow(expect.objectContaining({ code: 'malformed_request' }))
})
