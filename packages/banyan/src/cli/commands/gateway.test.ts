import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { banyan } from '../../../test/cli/memory-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'banyan-gateway-'))
afterAll(() => rmSync(cwd, { recursive: true }))
writeFileSync(
  join(cwd, 'good.yaml'),
  'upstreams: { blog: http://127.0.0.1:4001, shop: [http://a:1, http://b:1] }\nroutes:\n  - { path: /articles/*, method: GET, to: blog }\n  - { host: shop.example.com, query: { v: 2 }, to: shop }\n',
)
writeFileSync(join(cwd, 'wrong.yaml'), 'upstreams:\n  blog: http://127.0.0.1:4001\nroutes:\n  - { path: /articles/*, to: blgo }\n  - { to: blog, pth: / }\n')

test('a good file is shown as a table of its routes', async () => {
  expect(await banyan(['gateway', 'check', 'good.yaml'], { cwd })).toEqual({
    code: 0,
    err: '',
    out: [
      'METHOD  HOST              PATH         TO                           POLICIES',
      'GET     any               /articles/*  blog http://127.0.0.1:4001',
      'any     shop.example.com  /* ?v=2      shop http://a:1, http://b:1',
      'good.yaml is well: 2 routes, 2 upstreams',
      '',
    ].join('\n'),
  })
})

test('a wrong file fails with every mistake', async () => {
  expect(await banyan(['gateway', 'check', 'wrong.yaml'], { cwd })).toEqual({
    code: 1,
    err: '2 mistakes in wrong.yaml\n',
    out: [
      "wrong.yaml:4:30 routes[0].to is 'blgo'; there is blog. Did you mean blog?",
      'wrong.yaml:5:17 routes[1].pth is not known; there are name, path, host, method, headers, query, to, policies. Did you mean path?',
      '',
    ].join('\n'),
  })
})

test('mistakes and the configuration as JSON', async () => {
  const wrong = await banyan(['gateway', 'check', 'wrong.yaml', '--json'], { cwd })
  expect(wrong.code).toBe(1)
  expect(JSON.parse(wrong.out)).toMatchObject({
    file: 'wrong.yaml',
    mistakes: [
      { line: 4, column: 30 },
      { line: 5, column: 17 },
    ],
  })
  const good = await banyan(['gateway', 'check', 'good.yaml', '--json'], { cwd })
  expect(JSON.parse(good.out)).toMatchObject({ mistakes: [], config: { routes: [{ name: 'GET /articles/*', to: 'blog' }, {}] } })
})

test('secrets are not part of it, though variables are filled in', async () => {
  const text = [
    'redis: ${REDIS_URL}',
    "routes: [{ path: /, policies: [request: { headers: { set: { authorization: '${TOKEN}', x-shop: one } } }, cors: { origins: ['https://a.example'], credentials: true }, answer] }]",
  ]
  writeFileSync(join(cwd, 'secrets.yaml'), text.join('\n'))
  const env = { REDIS_URL: 'redis://edge:s3cret@cache:6379/0?password=s3cret', TOKEN: 's3cret' }
  const { out } = await banyan(['gateway', 'check', 'secrets.yaml', '--json'], { cwd, env })
  expect(out).not.toContain('s3cret')
  expect(JSON.parse(out)).toMatchObject({
    config: {
      redis: { url: 'redis://edge:[redacted]@cache:6379/0', prefix: 'gateway:' },
      routes: [{ policies: [{ settings: { headers: { set: { authorization: '[redacted]', 'x-shop': 'one' } } } }, { settings: { credentials: true } }, {}] }],
    },
  })
})

test('what is counted in a Redis that only a topology names is a warning', async () => {
  writeFileSync(join(cwd, 'app.yaml'), 'routes: [{ path: /, policies: [limit: { rate: 1/s, whenAway: closed }, answer] }]')
  expect(await banyan(['gateway', 'check', 'app.yaml'], { cwd })).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^warning: app\.yaml:1:\d+ .*whenAway speaks of a Redis, and none is named; .* in an app limits: redis\(…\) in the topology\n$/),
  })
})

test('a file that is not there is told', async () => {
  const { code, err } = await banyan(['gateway', 'check', 'none.yaml'], { cwd })
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('none.yaml cannot be read: ENOENT') })
})

test('the schema is JSON Schema', async () => {
  const { out } = await banyan(['gateway', 'schema'])
  expect(JSON.parse(out)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', required: ['routes'] })
})

test.each([
  [['--tag', ','], "--tag names one or more, with commas between them, and ',' was given"],
  [['--tag', ''], '--tag needs a value: --tag TAGS'],
  [['--tag', 'a', '--tag', 'b'], '--tag is given more than once'],
  [['--all', '--tag', 'a'], '--all is everything, whatever else is named'],
  [['--all', 'https://shop.example.com/a'], '--all is everything, whatever else is named'],
  [['shop.example.com/a'], "'shop.example.com/a' is no address"],
])('a purge of %j is not understood', async (words, message) => {
  expect(await banyan(['gateway', 'purge', 'good.yaml', ...words], { cwd })).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) })
})
