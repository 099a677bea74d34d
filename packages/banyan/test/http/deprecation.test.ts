import { expect, test } from 'vitest'
import { z } from 'zod'
import { serve } from './fixture.ts'
import { opened } from './stack.ts'
import { anyone } from '../../src/model/access.ts'
import { contract, operationsOf } from '../../src/model/contract.ts'
import { query } from '../../src/model/operation.ts'
import { operationMistakes } from '../../src/runtime/check-operations.ts'
import { openApi } from '../../src/network/http/openapi.ts'

const keep = opened()
const deprecated = { since: '2026-06-01', sunset: '2027-01-01T08:00Z', link: 'https://shop.example/moving' } as const
const old = contract('old', {
  list: query({ http: 'GET /list', output: z.array(z.string()), deprecated }),
  next: query({ http: 'GET /next', output: z.array(z.string()) }),
})

test('every answer of an operation that is to go says so, beside what limits tell, and events do too', async () => {
  const server = keep(
    await serve(async ({ name }) => (name === 'list' ? ['a'] : []), {
      operations: operationsOf(old),
      gates: () => ({ first: { pass: () => ({ refusal: undefined, policy: '"a";q=9;w=1', state: '"a";r=8;t=1' }) } }),
    }),
  )
  const expected = {
    deprecation: '@1780272000',
    sunset: 'Fri, 01 Jan 2027 08:00:00 GMT',
    link: '<https://shop.example/moving>; rel="deprecation sunset"; type="text/html"',
  }
  const leaving = new AbortController()
  const answers = [
    await fetch(`${server.url}/list`),
    await fetch(`${server.url}/list`, { headers: { authorization: 'Bearer bad' } }),
    await fetch(`${server.url}/list`, { headers: { accept: 'text/event-stream' }, signal: leaving.signal }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 200])
  for (const { headers } of answers) expect(Object.fromEntries(headers)).toMatchObject(expected)
  expect(answers[0]!.headers.get('ratelimit')).toBe('"a";r=8;t=1')
  leaving.abort()
  expect((await fetch(`${server.url}/next`)).headers.get('deprecation')).toBeNull()
})

test('OpenAPI marks it, with the dates', () => {
  const { paths } = openApi({ title: 'old', operations: operationsOf(old), access: () => anyone() }) as {
    paths: Record<string, { get: Record<string, unknown> }>
  }
  expect(paths['/list']!.get).toMatchObject({
    deprecated: true,
    'x-deprecation': deprecated,
    description: expect.stringContaining('Deprecated since 2026-06-01; may be gone from 2027-01-01T08:00Z; see https://shop.example/moving.'),
  })
  expect(paths['/next']!.get).not.toHaveProperty('deprecated')
})

test.each([
  [{ since: '2026-02-31' }, "operation 'x.y' is deprecated, and '2026-02-31' is no day there is; write one such as '2026-12-01'"],
  [{ since: '2026-06-01', sunset: '2026-05-01' }, "operation 'x.y' is deprecated, and sunset is 2026-05-01, before since, 2026-06-01; it is the later one"],
  [{ since: '2026-06-01', link: 'moving "soon"' }, "operation 'x.y' is deprecated with the link 'moving \"soon\"', which is no address of a page"],
])('%j is a mistake', (said, mistake) => {
  const [operation] = operationsOf(contract('x', { y: query({ http: 'GET /y', deprecated: said }) }))
  expect(operationMistakes(operation!)).toEqual([mistake])
})
