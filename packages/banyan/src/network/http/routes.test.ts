import { expect, test } from 'vitest'
import { operations } from '../../../test/http/fixture.ts'
import { requestWriter } from './request-writer.ts'
import { routesOf } from './routes.ts'

const routes = routesOf(operations)
const route = (name: string) => routes.find(({ operation }) => operation.name === name)!

test('operations without a route have none', () => {
  expect(routes.map(({ operation }) => operation.name)).not.toContain('secretly')
})

test('a query string becomes the input that the schema expects', () => {
  expect(route('search').input({}, 'text=7&skus=a&limit=5&paid=true&ratings=1&ratings=2&price={"from":3}&more=x', undefined)).toEqual({
    text: '7',
    skus: ['a'],
    limit: 5,
    paid: true,
    ratings: [1, 2],
    price: { from: 3 },
    more: 'x',
  })
})

test('a list that must be there is empty where the query says nothing', () => {
  expect(route('search').input({}, '', undefined)).toEqual({ skus: [] })
})

test('the path wins over the query', () => {
  expect(route('line').input({ orderId: 'o1', number: '2' }, 'orderId=other&number=9', undefined)).toEqual({ orderId: 'o1', number: 2 })
})

test('prototype fields of a query are left out', () => {
  const input = route('search').input({}, '__proto__=x&constructor=y', undefined) as object
  expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
  expect(input).toEqual({ skus: [], constructor: 'y' })
})

test('path and body are one input; where they contradict each other, the request is refused', () => {
  const change = route('change')
  expect(change.input({ orderId: 'o1' }, '', { note: 'n' })).toEqual({ orderId: 'o1', note: 'n' })
  expect(change.input({ orderId: 'o1' }, '', { note: 'n', orderId: 'o1' })).toEqual({ orderId: 'o1', note: 'n' })
  expect(() => change.input({ orderId: 'o1' }, '', { note: 'n', orderId: 'o2' })).toThrow(
    expect.objectContaining({ code: 'invalid_input', details: { issues: [{ path: '/orderId', message: 'differs from the path' }] } }),
  )
  expect(() => change.input({ orderId: 'o1' }, '', ['n'])).toThrow(expect.objectContaining({ code: 'invalid_input' }))
})

test('no body is an empty one, but for operations without input', () => {
  expect(route('poke').input({}, '', undefined)).toEqual({})
  expect(route('ping').input({}, 'a=1', undefined)).toBeUndefined()
})

test.each([
  ['search', { text: 'a b&c=é', skus: ['x', 'y,z'], limit: 3, paid: false, ratings: [1.5], price: { from: 2 } }],
  ['line', { orderId: 'o1', number: 4 }],
  ['cancel', { orderId: 'o1', reason: '7' }],
  ['change', { orderId: 'o1', note: 'hello' }],
])('what the client writes for %s, the server reads', (name, input) => {
  const { target, body } = requestWriter(route(name))(input)
  const [path = '', query = ''] = target.split('?')
  const texts = new RegExp(`^${route(name).path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(path)?.groups ?? {}
  expect(route(name).input(texts, query, body === undefined ? undefined : JSON.parse(body))).toEqual(input)
})

test('a path parameter stays one segment', () => {
  const write = requestWriter(route('byId'))
  expect(write({ orderId: 'a/b?c' }).target).toBe('/orders/a%2Fb%3Fc')
  expect(write({ orderId: '..' }).target).toBe('/orders/%2E%2E')
  expect(() => write({ orderId: '' })).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  expect(() => write({})).toThrow(expect.objectContaining({ code: 'invalid_input' }))
})
