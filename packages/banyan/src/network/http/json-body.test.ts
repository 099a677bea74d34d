import { expect, test } from 'vitest'
import { checkContentType, parseJson } from './json-body.ts'

const parse = (text: string) => parseJson(Buffer.from(text))
const refused = (message: string) => expect.objectContaining({ code: 'malformed_request', message: expect.stringContaining(message) })

test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/merge-patch+json'])('%s is JSON', (type) => {
  expect(() => checkContentType(type)).not.toThrow()
})

test.each([undefined, '', 'text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'application/jsonp'])('%s is not', (type) => {
  expect(() => checkContentType(type)).toThrow(expect.objectContaining({ code: 'unsupported_media_type' }))
})

test.each(['{', '', 'nul', '{"a":1}x', "{'a':1}", '\uFEFF{}'])('%j is refused as no JSON', (text) => {
  expect(() => parse(text)).toThrow(refused('not JSON'))
})

test('bytes that are no UTF-8 are refused', () => {
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(refused('not UTF-8'))
})

test.each(['{"__proto__":{"admin":true},"a":1}', '{"\\u005f_proto__":{"admin":true},"a":1}'])(
  'the prototype field of %s is left out, at any depth',
  (inner) => {
    const value = parse(`[${inner}]`) as [object]
    expect(Object.getOwnPropertyNames(value[0])).toEqual(['a'])
    expect(({ ...Object.assign({}, value[0]) } as { admin?: boolean }).admin).toBeUndefined()
  },
)

test('nesting is bounded', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  expect(parse(nested(100))).toHaveLength(1)
  expect(() => parse(nested(101))).toThrow(refused('100 levels'))
  expect(() => parse(nested(200_000))).toThrow(refused('100 levels'))
  expect(() => parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`)).toThrow(refused('100 levels'))
})

test('characters that cannot be stored are refused, with their place', () => {
  expect(() => parse('{"a":["x\\u0000"]}')).toThrow(refused('/a/0 holds the character U+0000'))
  expect(() => parse('{"a":"\\ud800"}')).toThrow(refused('/a holds half of a surrogate pair'))
  expect(() => parse('{"\\u0000":1}')).toThrow(refused('U+0000'))
  expect(parse('{"a":"\\ud83d\\ude00 \\\\u0000"}')).toEqual({ a: '😀 \\u0000' })
})
