import { afterEach, expect, test } from 'vitest'
import { policy, route, serving } from '../../test/gateway/fixture.ts'
import { open, problemIn, raw } from '../../test/http/raw.ts'
import { gatewayConfig } from './file/read.ts'
import { policyKinds } from './policy-kinds.ts'
import type { RunningGateway } from './start-gateway.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

const file = `
upstreams: { app: http://127.0.0.1:9 }
routes:
  - { path: /old/*, policies: [{ redirect: { to: /new/* } }] }
  - { path: /robots.txt, policies: [security-headers, { answer: { body: "Disallow: /" } }] }
  - { path: /closed/*, policies: [{ answer: { status: 503, headers: { retry-after: 60 }, body: { closed: true } } }] }
`

async function served(): Promise<RunningGateway> {
  const edge = await serving(gatewayConfig(file, { path: 'gateway.yaml', kinds: policyKinds, env: {} }))
  stack.push(edge)
  return edge
}

test('a route that redirects needs no upstream', async () => {
  const { url } = await served()
  const answer = await fetch(`${url}/old/a/b?c=d`, { redirect: 'manual' })
  expect([answer.status, answer.headers.get('location'), await answer.text()]).toEqual([308, '/new/a/b?c=d', ''])
})

test('a route that answers needs none either, and policies before it take part', async () => {
  const { url } = await served()
  const answer = await fetch(`${url}/robots.txt`)
  expect([answer.status, await answer.text(), answer.headers.get('x-content-type-options')]).toEqual([200, 'Disallow: /', 'nosniff'])
  const head = await fetch(`${url}/robots.txt`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '11', ''])
})

test('what is sent to it is not waited for', async () => {
  const { url, port } = await served()
  const answer = await fetch(`${url}/closed/a`, { method: 'POST', body: 'x'.repeat(1_000) })
  expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([503, '60', { closed: true }])
  const unsent = await raw(port, 'POST /closed/a HTTP/1.1', 'Host: a', 'Content-Length: 1000000', '', 'x')
  expect(unsent).toMatch(/^HTTP\/1\.1 503 [^]*connection: close/i)
})

test('a connection that would speak another protocol is answered as well', async () => {
  const { port } = await served()
  const { socket, closed } = await open(port)
  socket.write('GET /closed/chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  expect(await closed).toMatch(/^HTTP\/1\.1 503 [^]*\{"closed":true\}/)
})

test('it is counted, and has no upstream to be counted with', async () => {
  const edge = await served()
  await (await fetch(`${edge.url}/robots.txt`)).text()
  await edge[Symbol.asyncDispose]()
  const { routes, upstreams } = edge.status()
  expect(routes['/robots.txt']).toMatchObject({ to: '', inFlight: 0, answers: { '2xx': 1 }, policies: ['security-headers', 'answer'] })
  expect(upstreams['app']).toMatchObject({ inFlight: 0, answers: { '2xx': 0, '5xx': 0, gone: 0 } })
})

test('a route whose policies let a request through to nowhere says so', async () => {
  const edge = await serving({ upstreams: {}, routes: [route('', {}, [policy('security-headers')], 'nowhere')] })
  stack.push(edge)
  const answer = await raw(edge.port, 'GET / HTTP/1.1', 'Host: a', 'Connection: close', '', '')
  expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  expect(problemIn(answer)).toMatchObject({ code: 'not_found', detail: expect.stringContaining("route 'nowhere' leads to no upstream") })
})

test('a route to nowhere without policies is a mistake', async () => {
  await expect(serving({ upstreams: {}, routes: [route('', {}, [], 'nowhere')] })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining("route 'nowhere' leads nowhere"),
  })
})
