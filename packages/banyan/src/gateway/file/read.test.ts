import { describe, expect, test } from 'vitest'
import { textReader } from '../../../test/gateway/read-text.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { PolicyKind } from '../policy-kind.ts'

const kinds: readonly PolicyKind[] = [
  kind('stamp', { type: 'object', properties: { ink: { type: 'string' } }, additionalProperties: false }),
  kind('seal', { type: 'object', properties: { wax: { type: 'string' } }, required: ['wax'], additionalProperties: false }),
]

function kind(name: string, schema: object): PolicyKind<{ readonly ink?: string }> {
  return {
    name,
    schema,
    open: ({ ink }) => {
      if (ink === 'water') throw new BanyanError('invalid_configuration', `ink is 'water', which fades; take another`)
      return (request, next) => next(request)
    },
  }
}

const { read, mistakes } = textReader(kinds)

describe('a gateway file', () => {
  test('says in two lines where requests go', () => {
    const { upstreams, routes } = read(`upstreams: { blog: http://127.0.0.1:4001 }\nroutes: [{ to: blog }]\n`)
    expect(upstreams['blog']).toEqual({
      name: 'blog',
      targets: [{ url: 'http://127.0.0.1:4001', weight: 1 }],
      balance: 'peak-ewma',
      health: undefined,
      timeoutMs: 30_000,
      attempts: 3,
      host: 'target',
    })
    expect(routes).toEqual([{ name: '/*', match: { path: '/*', hosts: [], methods: [], headers: {}, query: {} }, to: 'blog', policies: [] }])
  })

  test('has upstreams as an address, as a list, and with settings', () => {
    const { upstreams } = read(`
upstreams:
  one: http://a:1/base
  two: [http://a:1, { url: https://b:2, weight: 3 }]
  all: { targets: [http://c:3], balance: weighted, health: { path: /up, interval: 2s }, timeout: 1.5s, attempts: 1, host: keep }
routes: [{ to: one }]
`)
    expect(upstreams['two']?.targets).toEqual([
      { url: 'http://a:1', weight: 1 },
      { url: 'https://b:2', weight: 3 },
    ])
    expect(upstreams['all']).toMatchObject({ balance: 'weighted', health: { path: '/up', intervalMs: 2_000 }, timeoutMs: 1_500, attempts: 1, host: 'keep' })
  })

  test('has routes by path, host, method, headers and query', () => {
    const { routes } = read(`
upstreams: { a: http://a:1 }
routes:
  - { path: '/orders/:id', host: [API.example.com, '*.example.org'], method: [GET, HEAD], headers: { X-Version: 2 }, query: { beta: true }, to: a }
`)
    expect(routes[0]).toMatchObject({
      name: 'GET,HEAD api.example.com,*.example.org/orders/:id?beta=true x-version:2',
      match: { hosts: ['api.example.com', '*.example.org'], methods: ['GET', 'HEAD'], headers: { 'x-version': '2' }, query: { beta: 'true' } },
    })
  })

  test('has policies of all routes, of each, and pipelines, in this order', () => {
    const { routes } = read(`
upstreams: { a: http://a:1 }
pipelines:
  outer: [inner, { seal: { wax: red } }]
  inner: [{ stamp: { ink: blue } }]
policies: [stamp]
routes:
  - path: /a
    to: a
    policies: [outer, stamp: ]
`)
    expect(routes[0]!.policies).toEqual([
      { kind: 'stamp', settings: {}, line: 6 },
      { kind: 'stamp', settings: { ink: 'blue' }, line: 5 },
      { kind: 'seal', settings: { wax: 'red' }, line: 4 },
      { kind: 'stamp', settings: {}, line: 10 },
    ])
  })

  test('takes variables from the environment, in the type they would be written in', () => {
    const text = 'upstreams:\n  a:\n    targets: [{ url: "${A}", weight: "${W:-2}" }]\n    attempts: ${N:-1}\nroutes: [{ to: a, path: "/$${x}/${P:-p}" }]\n'
    const { upstreams, routes } = read(text, { A: 'http://a:1', P: '' })
    expect(upstreams['a']).toMatchObject({ targets: [{ url: 'http://a:1', weight: 2 }], attempts: 1 })
    expect(routes[0]!.match.path).toBe('/${x}/p')
  })

  test('may repeat itself by anchors', () => {
    const { routes } = read(
      'upstreams: { a: http://a:1 }\nroutes:\n  - { path: /a, to: a, policies: &both [stamp, { seal: { wax: red } }] }\n  - { path: /b, to: a, policies: *both }\n',
    )
    expect(routes[1]!.policies.map(({ kind }) => kind)).toEqual(['stamp', 'seal'])
  })
})

describe('mistakes', () => {
  test('come all at once, each with its place, what stands there, and what may have been meant', () => {
    expect(
      mistakes(`upstreams:
  blog: \${BLOG}
  shop: htp://x
  full: { targets: [http://x:1], balence: weighted, timeout: 5 seconds }
routes:
  - { path: /articles/*, to: blgo, polices: [] }
  - path: orders
    method: get
    to: shop
    policies: [stamps, { seel: {} }, seal, { stamp: { ink: water } }]
  - { path: /a/:id, to: blog }
  - { path: /a/:b, to: blog }
  - name:
`),
    ).toMatchInlineSnapshot(`
      [
        "2:9 upstreams.blog needs the environment variable BLOG, which is not set; set it, or write \${BLOG:-fallback}",
        "3:9 upstreams.shop is 'htp://x'; expected is an address that begins with 'http://' or 'https://'",
        "4:34 upstreams.full.balence is not known; there are targets, balance, health, timeout, attempts, openapi, host, tls, bulkhead. Did you mean balance?",
        "4:62 upstreams.full.timeout is '5 seconds'; expected is a duration, such as '300ms', '5s', '15m', '2h' or '30d'",
        "6:30 routes[0].to is 'blgo'; there are blog, shop, full. Did you mean blog?",
        "6:36 routes[0].polices is not known; there are name, path, host, method, headers, query, to, policies. Did you mean policies?",
        "7:11 routes[1].path is 'orders'; expected is a path that begins with '/' and has no '*' but at its end, such as '/articles/:id' or '/files/*'",
        "8:13 routes[1].method is 'get'; there are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. Did you mean GET?",
        "10:16 routes[1].policies[0] is 'stamps', which is neither a policy nor a pipeline; there are stamp, seal. Did you mean stamp?",
        "10:26 routes[1].policies[1].seel is not known; there are stamp, seal. Did you mean seal?",
        "10:38 routes[1].policies[2].seal lacks wax",
        "10:53 routes[1].policies[3].stamp does not work: ink is 'water', which fades; take another",
        "12:5 routes[3] never matches: routes[2] (line 11) takes the same requests and stands before it; remove one, or say more in it",
        "13:5 routes[4].name is empty; expected is a text",
        "13:5 routes[4] lacks to, the upstream that its requests are sent to",
      ]
    `)
  })

  test('of every other sort are said too', () => {
    const texts: Readonly<Record<string, string>> = {
      nothing: '',
      'a text': 'hello',
      'no YAML': 'upstreams: [\nroutes: }',
      'a key twice': 'upstreams:\n  a: http://a:1\n  a: http://b:1\nroutes: [{ to: a }]',
      'a pipeline that leads to itself': 'upstreams: { a: http://a:1 }\npipelines: { x: [y], y: [stamp, x] }\nroutes: [{ to: a, policies: [x] }]',
      'a pipeline with the name of a policy': 'upstreams: { a: http://a:1 }\npipelines: { stamp: [seal] }\nroutes: [{ to: a }]',
      'credentials in an address': 'upstreams: { a: "http://me:${SECRET}@a:1" }\nroutes: [{ to: a }]',
      'a name twice': 'upstreams: { a: http://a:1 }\nroutes: [{ name: x, path: /a, to: a }, { name: x, path: /b, to: a }]',
      'methods that others have taken': 'upstreams: { a: http://a:1 }\nroutes: [{ method: GET, to: a }, { method: PUT, to: a }, { method: [PUT, GET], to: a }]',
      'no upstream': 'routes: [{ path: /a }]',
      'half a variable': 'upstreams: { a: "http://${a-b}" }\nroutes: [{ to: a }]',
      'a variable without quotes where it needs them': 'upstreams: { a: ${A} }\nroutes: [{ to: a }]',
      'a variable that is no number': 'upstreams: { a: { targets: [http://a:1], attempts: "${SECRET}" } }\nroutes: [{ to: a }]',
      'a name that is none': 'upstreams: { "a b": http://a:1 }\nroutes: [{ to: a }]',
      'an empty list': 'upstreams: { a: [] }\nroutes: []',
    }
    expect(Object.fromEntries(Object.entries(texts).map(([what, text]) => [what, mistakes(text, { SECRET: 'hush' })]))).toMatchInlineSnapshot(`
      {
        "a key twice": [
          "3:3 a is written twice in the same place; keep one",
        ],
        "a name that is none": [
          "1:14 upstreams['a b'] is no name that can be used here; expected is a name of letters, digits, dots, dashes and underscores",
          "2:16 routes[0].to is 'a'; there is a b",
        ],
        "a name twice": [
          "2:48 routes[1].name is 'x', as routes[0] on line 2 is called; call it otherwise",
        ],
        "a pipeline that leads to itself": [
          "2:33 pipelines.y[1] leads back to the pipeline x, of which it is a part; take it out",
        ],
        "a pipeline with the name of a policy": [
          "2:14 pipelines.stamp has the name of a policy; give it another",
          "2:22 pipelines.stamp[0].seal lacks wax",
        ],
        "a text": [
          "1:1 the file is 'hello'; expected is a map of keys and values",
        ],
        "a variable that is no number": [
          "1:52 upstreams.a.attempts is '\${SECRET}'; expected is a whole number",
        ],
        "a variable without quotes where it needs them": [
          "1:18 a variable within { } or [ ] stands in quotes: '\${NAME}'",
        ],
        "an empty list": [
          "1:17 upstreams.a is empty; expected is at least 1",
          "2:9 routes is empty; expected is at least 1",
        ],
        "credentials in an address": [
          "1:17 upstreams.a has credentials, which would end up in logs; set them by a policy: request: { headers: { set: { authorization: '\${NAME}' } } }",
        ],
        "half a variable": [
          "1:17 upstreams.a has '\${' without the name of a variable; write \${NAME} or \${NAME:-fallback}, or $\${ for the two characters themselves",
        ],
        "methods that others have taken": [
          "2:58 routes[2] never matches: routes[0] (line 2) and routes[1] (line 2) take the same requests and stand before it; remove one, or say more in it",
        ],
        "no YAML": [
          "2:1 this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
        ],
        "no upstream": [
          "1:10 routes[0] lacks to, the upstream that its requests are sent to",
        ],
        "nothing": [
          "1:1 the file is empty; begin with upstreams: { blog: 'http://127.0.0.1:4001' } and routes: [{ to: blog }]",
        ],
      }
    `)
  })

  test('anchors that would fill the memory are not followed', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`),
    ]
    expect(mistakes(bomb.join('\n'))).toEqual([expect.stringMatching(/^1:1 the anchors of the file are not followed/)])
  })

  test('what is nested without end is refused', () => {
    expect(mistakes('['.repeat(20_000))).toHaveLength(1)
    expect(mistakes(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)).toHaveLength(1)
  })
})
