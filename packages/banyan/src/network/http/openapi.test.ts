import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { operations } from '../../../test/http/fixture.ts'
import { anyOf, anyone, authenticated, owner, role, services, type Access } from '../../model/access.ts'
import { contract, operationsOf } from '../../model/contract.ts'
import { command, query } from '../../model/operation.ts'
import { openApi } from './openapi.ts'

type Document = Record<string, Record<string, Record<string, Record<string, unknown>>>>
const rules: Readonly<Record<string, Access<never, never>>> = {
  place: role('customer'),
  cancel: authenticated(),
  byId: anyOf(
    owner((order: { orderId: string }) => order.orderId),
    role('staff'),
  ),
  search: anyOf(anyone(), role('staff')),
  line: { text: 'who asks nicely', decide: ({ stage }) => (stage === 'answered' ? false : undefined) },
  poke: services('payments'),
}
const access = ({ name }: { readonly name: string }): Access<never, never> => rules[name] ?? anyone()
const document = openApi({ title: 'shop', operations, access }) as unknown as Document
const at = (path: string, method: string) => document['paths']![path]![method]!

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const result = await validator.validate(structuredClone(document) as never)
  expect(result.errors ?? []).toEqual([])
  expect(result.valid).toBe(true)
  expect(validator.version).toBe('3.1')
})

test('every operation with a route is there, under its name and service', () => {
  expect(Object.fromEntries(Object.entries(document['paths']!).map(([path, methods]) => [path, Object.keys(methods)]))).toEqual({
    '/orders': ['post'],
    '/orders/{orderId}': ['patch', 'delete', 'get'],
    '/orders/search': ['get'],
    '/orders/{orderId}/lines/{number}': ['get'],
    '/ping': ['get'],
    '/poke': ['post'],
  })
  expect(at('/orders', 'post')).toMatchObject({
    operationId: 'orders.place',
    tags: ['orders'],
    summary: 'Place',
    description: 'Places an order\n\nFor role customer.',
  })
  expect(at('/orders/{orderId}', 'get')).toMatchObject({ operationId: 'orders.byId', summary: 'By id' })
  expect(JSON.stringify(document)).not.toContain('secretly')
})

test('fields stand in the path, the query or the body', () => {
  expect(at('/orders/{orderId}', 'patch')).toMatchObject({
    parameters: [{ name: 'orderId', in: 'path', required: true, schema: { type: 'string' } }, { name: 'Idempotency-Key' }],
    requestBody: { required: true, content: { 'application/json': { schema: { properties: { note: { type: 'string' } }, required: ['note'] } } } },
  })
  expect(at('/orders/search', 'get')['parameters']).toMatchObject([
    { name: 'text', in: 'query', required: false },
    { name: 'skus', in: 'query', required: false, schema: { type: 'array' } },
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 100, default: 20 } },
    { name: 'paid', schema: { type: 'boolean' } },
    { name: 'ratings' },
    { name: 'price', content: { 'application/json': { schema: { type: 'object' } } } },
  ])
  expect(at('/poke', 'post')).toMatchObject({ requestBody: { required: false } })
  expect(at('/ping', 'get')).not.toHaveProperty('parameters')
})

test('answers: the output, each declared error under its status, any other problem', () => {
  expect(at('/orders', 'post')['responses']).toMatchObject({
    200: { content: { 'application/json': { schema: { properties: { orderId: { type: 'string' } } } } } },
    422: {
      description: 'UnknownProduct',
      content: {
        'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { const: 'UnknownProduct' } } }] } },
      },
    },
    409: { description: 'Conflict' },
    410: { description: 'SoldOut' },
    default: { $ref: '#/components/responses/Problem' },
  })
  expect(at('/orders/{orderId}', 'delete')['responses']).toMatchObject({ 204: {} })
})

test('who may call is what the access rules say', () => {
  const open = [at('/ping', 'get'), at('/orders/search', 'get'), at('/orders/{orderId}', 'patch')]
  for (const operation of open) {
    expect(operation['security']).toEqual([])
    expect(Object.keys(operation['responses'] as object)).not.toContain('401')
  }
  expect(at('/ping', 'get')['description']).toBe('For anyone.')
  for (const [path, method, who] of [
    ['/orders', 'post', 'role customer'],
    ['/orders/{orderId}', 'delete', 'authenticated'],
    ['/orders/{orderId}', 'get', 'owner or role staff'],
    ['/poke', 'post', 'service payments'],
  ] as const) {
    const operation = at(path, method)
    expect(operation['security']).toEqual([{ bearer: [] }])
    expect(operation['description']).toContain(`For ${who}.`)
    expect(operation['x-access']).toBe(who)
    expect(operation['responses']).toMatchObject({ 401: { description: `unauthenticated (for ${who})` }, 403: { description: `forbidden (for ${who})` } })
  }
  // passes without a token, and may be refused once the answer is known
  expect(at('/orders/{orderId}/lines/{number}', 'get')).toMatchObject({ security: [{}, { bearer: [] }], responses: { 401: {}, 403: {} } })
})

test('a declared error may have the status of a refusal', () => {
  const till = contract('till', { open: command({ http: 'POST /till', errors: { Forbidden: z.object({ why: z.string() }) } }) })
  const made = openApi({ title: 't', operations: operationsOf(till), access: () => role('staff') }) as unknown as Document
  expect(made['paths']!['/till']!['post']!['responses']).toMatchObject({
    403: {
      description: 'Forbidden or forbidden (for role staff)',
      content: { 'application/problem+json': { schema: { anyOf: [{ allOf: [{}, {}] }, { $ref: '#/components/schemas/Problem' }] } } },
    },
  })
})

test('queries with an answer can be watched', () => {
  const types = (path: string, method: string) =>
    Object.keys((at(path, method)['responses'] as Record<number, { content: Record<string, unknown> }>)[200]!.content)
  expect(types('/orders/{orderId}', 'get')).toEqual(['application/json', 'text/event-stream'])
  expect(types('/orders', 'post')).toEqual(['application/json'])
  expect(at('/ping', 'get')['responses']).toMatchObject({ 204: {} })
})

test('named schemas become components, recursive ones too, and names do not clash', async () => {
  interface Tree {
    readonly kids: readonly Tree[]
  }
  const tree: z.ZodType<Tree> = z.object({
    get kids() {
      return z.array(tree)
    },
  })
  // read, a price always has a currency; sent, it need not: one name, two schemas
  const price = z.object({ amount: z.number(), currency: z.string().default('EUR') }).meta({ id: 'Price' })
  const rate = z.object({ percent: z.number() }).meta({ id: 'Rate' })
  const more = contract('more', {
    grow: command({ http: 'POST /trees', input: z.object({ tree, copy: tree, price, rate }), output: tree }),
    price: query({ http: 'GET /price', output: z.object({ price, rate }), errors: { Odd: z.object({ rate }), Even: z.object({}) } }),
  })
  const made = openApi({ title: 't', operations: operationsOf(more), access: () => anyone() })
  const text = JSON.stringify(made)
  const names = Object.keys((made as unknown as Document)['components']!['schemas']!)
  expect(names.sort()).toEqual(['Price', 'Problem', 'Rate', 'more.grow.Input.schema0', 'more.grow.Output', 'more.price.Output.Price'])
  expect(text).not.toContain('$defs')
  expect(text).not.toContain('"$ref":"#"')
  for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect((made as unknown as Document)['components']!['schemas']).toHaveProperty([name!])
  const result = await new Validator().validate(structuredClone(made) as never)
  expect(result.errors ?? []).toEqual([])
  // errors of one status stand side by side
  expect(text).toContain('"Odd or Even"')
})

test('a secret command is marked, and says what becomes of a repeat', () => {
  const door = contract('door', { open: command({ http: 'POST /open', secret: true }), close: command({ http: 'POST /close' }) })
  const { paths } = openApi({ title: 'door', operations: operationsOf(door), access: () => anyone() }) as unknown as {
    paths: Record<string, { post: Record<string, unknown> }>
  }
  const [open, close] = [paths['/open']!.post, paths['/close']!.post]
  expect([open['x-secret'], close['x-secret']]).toEqual([true, undefined])
  expect(open['parameters']).toMatchObject([{ name: 'Idempotency-Key', description: expect.stringContaining('refused (answer_not_kept)') }])
  expect(close['parameters']).toMatchObject([{ name: 'Idempotency-Key', description: expect.stringContaining('answered what the first attempt was') }])
})
