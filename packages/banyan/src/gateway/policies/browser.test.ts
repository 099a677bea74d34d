import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { backend, echo, everything, policy, serving } from '../../../test/gateway/fixture.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function edgeWith(kind: string, settings: unknown): Promise<string> {
  const there = await backend(echo)
  stack.push(there)
  const edge = await serving(everything([there.url], [policy(kind, settings)]))
  stack.push(edge)
  return edge.url
}

const preflight = (origin: string) => ({ method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } })

test('cors answers preflights of allowed origins, and marks their answers', async () => {
  const url = await edgeWith('cors', { origins: ['https://a.example'], credentials: true })
  const asked = await fetch(url, preflight('https://a.example'))
  expect(asked.status).toBe(204)
  expect(asked.headers.get('access-control-allow-origin')).toBe('https://a.example')
  expect(asked.headers.get('access-control-allow-credentials')).toBe('true')
  expect(asked.headers.get('access-control-allow-methods')).toContain('PUT')
  expect((await fetch(url, preflight('https://b.example'))).headers.get('access-control-allow-origin')).toBeNull()
  const simple = await fetch(url, { headers: { origin: 'https://a.example' } })
  expect([simple.status, simple.headers.get('access-control-allow-origin'), simple.headers.get('vary')]).toEqual([200, 'https://a.example', 'Origin'])
})

test('cors never allows credentials to everybody', async () => {
  await expect(edgeWith('cors', { origins: ['*'], credentials: true })).rejects.toMatchObject({ code: 'invalid_configuration' })
})

test('security-headers are added', async () => {
  const { headers } = await fetch(await edgeWith('security-headers', {}))
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
})

test.each([
  ['announced', { 'content-length': '9' }],
  ['chunked', {}],
])('body-limit: a longer body is refused (%s)', async (_how, headers) => {
  const url = await edgeWith('body-limit', { bytes: 4 })
  const sending = httpRequest(url, { method: 'POST', headers })
  sending.on('error', () => undefined)
  sending.write('too long.')
  sending.end()
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  answer.resume()
  expect(answer.statusCode).toBe(413)
})
