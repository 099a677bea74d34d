import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, expect, test } from 'vitest'
import { operations } from '../../../test/http/fixture.ts'
import { anyone } from '../../model/access.ts'
import { openApi } from '../../network/http/openapi.ts'
import { gatewayConfig } from '../file/read.ts'
import { policyKinds } from '../policy-kinds.ts'
import { describeRoutes } from './describe-routes.ts'

const directory = mkdtempSync(join(tmpdir(), 'banyan-openapi-'))
afterAll(() => rmSync(directory, { recursive: true }))

type Operation = Record<string, unknown>
type Document = { paths: Record<string, Record<string, Operation>>; components: Record<string, Record<string, unknown>>; tags: readonly { name: string }[] }

writeFileSync(
  join(directory, 'users.yaml'),
  `openapi: 3.0.3
info: { title: Users, version: 1.0.0 }
servers: [{ url: https://users.internal/api }]
security: [{ token: [] }]
paths:
  /users/{userId}:
    parameters: [{ $ref: '#/components/parameters/UserId' }]
    get:
      operationId: getUser
      responses:
        '200': { description: The user, content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } }
        '404': { $ref: '#/components/responses/Missing' }
    put:
      security: []
      requestBody: { $ref: '#/components/requestBodies/User' }
      responses: { '204': { description: Done } }
  /users: { post: { responses: { '201': { description: Made } } } }
  /admin/purge: { post: { responses: { '204': { description: Done } } } }
components:
  parameters: { UserId: { name: userId, in: path, required: true, schema: { type: integer, minimum: 0, exclusiveMinimum: true } } }
  requestBodies: { User: { content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } } }
  responses: { Missing: { description: No such user } }
  securitySchemes: { token: { type: http, scheme: bearer } }
  schemas:
    User:
      type: object
      properties: { name: { type: string, nullable: true }, boss: { $ref: '#/components/schemas/User' } }
`,
)
writeFileSync(
  join(directory, 'orders.json'),
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Orders', version: '1' },
    paths: {
      '/{id}': {
        get: {
          operationId: 'getUser',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'It' } },
        },
      },
    },
    components: { schemas: { User: { type: 'string' } } },
  }),
)

const file = `
upstreams:
  users: { targets: ['http://10.0.0.7/api'], openapi: ./users.yaml }
  archive: { targets: ['http://10.0.0.8'], openapi: orders.json }
  stock: http://10.0.0.9
routes:
  - { path: /people/*, to: users, method: [GET, PUT], policies: [request: { path: /users/* }, limit: 10/m] }
  - path: /orders/:number
    to: archive
    policies: [auth: { issuer: 'https://id.example.com', audience: shop, jwks: 'https://id.example.com/keys', scopes: ['orders:read'] }, request: { path: /:number }]
  - path: /v1/stock/:sku
    host: api.example.com
    method: GET
    to: stock
    policies:
      - versions: { versions: { 1: { deprecated: 2026-06-01, sunset: 2027-01-01 }, 2: {} } }
      - api-key: { keys: [{ name: partner, hash: 'sha256:${'a'.repeat(64)}' }], scopes: ['stock:read'] }
      - timeout: 2s
  - { path: /files/*, to: stock, headers: { x-preview: yes }, policies: [basic: { users: [{ name: a, password: '$scrypt$ln=14,r=8,p=1$QUFBQUFBQUFBQUFBQUFBQQ$QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE' }] }] }
  - { path: /old, policies: [redirect: { to: /people/1 }] }
`
const described = () => describeRoutes(gatewayConfig(file, { kinds: policyKinds, env: {}, path: join(directory, 'gateway.yaml') }), policyKinds)
const documentOf = (own: typeof operations = []) =>
  openApi({ title: 'edge', operations: own, access: () => anyone(), foreign: described() }) as unknown as Document

test('with the routes, and with operations of an app before them, the document is valid OpenAPI 3.1', async () => {
  for (const document of [documentOf(), documentOf(operations)]) {
    const result = await new Validator().validate(structuredClone(document) as never)
    expect(result.errors ?? []).toEqual([])
    for (const [, kind, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g))
      expect(document.components[kind!]).toHaveProperty([name!])
    const all = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length)
    for (const { security = [] } of all as { security?: object[] }[])
      for (const scheme of security.flatMap((one) => Object.keys(one))) expect(document.components['securitySchemes']).toHaveProperty([scheme])
  }
})

test('what a server describes stands under the paths of its routes, in its own names', () => {
  const { paths, components, tags } = documentOf()
  expect(Object.fromEntries(Object.entries(paths).map(([path, methods]) => [path, Object.keys(methods)]))).toEqual({
    '/people/{userId}': ['get', 'put'],
    '/orders/{id}': ['get'],
    '/v1/stock/{sku}': ['get'],
    '/files/{rest}': ['get', 'post', 'put', 'patch', 'delete'],
    '/old': ['get'],
  })
  expect(paths['/people/{userId}']!['get']).toMatchObject({
    operationId: 'users.getUser',
    tags: ['users'],
    'x-route': 'GET,PUT /people/*',
    parameters: [{ name: 'userId', in: 'path', required: true, schema: { type: 'integer', exclusiveMinimum: 0 } }],
    security: [{ 'users.token': [] }],
    responses: {
      200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/users.User' } } } },
      404: { description: 'No such user' },
      429: { description: expect.stringContaining('10/m') },
      502: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
      503: {},
      504: {},
    },
  })
  expect(paths['/people/{userId}']!['put']).toMatchObject({
    security: [],
    requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/users.User' } } } },
  })
  expect(components['schemas']).toMatchObject({
    'users.User': { properties: { name: { type: ['string', 'null'] }, boss: { $ref: '#/components/schemas/users.User' } } },
    'archive.User': { type: 'string' },
  })
  expect(tags.map(({ name }) => name).toSorted()).toEqual(['archive', 'gateway', 'stock', 'users'])
})

test('what policies ask and answer, and what is to go', () => {
  const { paths, components } = documentOf()
  expect(paths['/orders/{id}']!['get']).toMatchObject({
    security: [{ 'gateway.bearer': ['orders:read'] }],
    'x-access': 'who has a token of https://id.example.com, scope orders:read',
    responses: { 401: {}, 403: {} },
  })
  const stock = paths['/v1/stock/{sku}']!['get']!
  expect(stock).toMatchObject({
    description: 'Passed on to stock. At api.example.com.',
    deprecated: true,
    'x-deprecation': { deprecated: '2026-06-01', sunset: '2027-01-01' },
    security: [{ 'gateway.x-api-key': ['stock:read'] }],
    responses: { 400: {}, 401: {}, 403: {}, 504: { description: 'There was no answer in 2s' } },
  })
  expect(paths['/files/{rest}']!['post']).toMatchObject({
    security: [{ 'gateway.basic': [] }],
    parameters: [{ name: 'rest' }, { name: 'x-preview', in: 'header', schema: { enum: ['yes'] } }],
    requestBody: {},
  })
  expect(paths['/old']!['get']!['responses']).toEqual({ 308: { description: 'It stands at /people/1' } })
  expect(components['securitySchemes']).toMatchObject({
    'gateway.x-api-key': { type: 'apiKey', in: 'header', name: 'x-api-key' },
    'gateway.basic': { scheme: 'basic' },
  })
})

test('operations of the app go before routes at the same place, whatever the parameters are called', () => {
  const { paths } = documentOf(operations)
  expect(paths['/orders/{orderId}']!['get']).toMatchObject({ operationId: 'orders.byId' })
  expect(paths).not.toHaveProperty(['/orders/{id}'])
  expect(paths).toHaveProperty(['/people/{userId}'])
})

test.each([
  ['swagger.yaml', 'swagger: "2.0"\npaths: {}', 'it is a document of version 3.0 or 3.1'],
  ['empty.yaml', 'openapi: 3.1.0', 'has no paths, so it describes nothing'],
  ['away.yaml', "openapi: 3.1.0\npaths: { /a: { $ref: './a.yaml' } }", 'bundle it first'],
  ['lost.yaml', "openapi: 3.1.0\npaths: { /a: { get: { responses: { '200': { $ref: '#/components/responses/A' } } } } }", 'nothing stands there'],
])('%s is a mistake of the gateway file, with its line', (name, text, why) => {
  writeFileSync(join(directory, name), text)
  const wrong = `upstreams:\n  a: { targets: ['http://a'], openapi: ${name} }\nroutes: [{ to: a }]`
  expect(() => gatewayConfig(wrong, { kinds: policyKinds, env: {}, path: join(directory, 'gateway.yaml') })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(new RegExp(`gateway\\.yaml:2:.*${why}`)) }),
  )
})

test('a file that is not there is a mistake too', () => {
  const wrong = "upstreams: { a: { targets: ['http://a'], openapi: nowhere.yaml } }\nroutes: [{ to: a }]"
  expect(() => gatewayConfig(wrong, { kinds: policyKinds, env: {}, path: join(directory, 'gateway.yaml') })).toThrow('cannot be read')
})
