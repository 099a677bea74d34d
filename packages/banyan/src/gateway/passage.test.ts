import { once } from 'node:events'
import { get, request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { backend, echo, everything, serving, type Backend, type Echoed } from '../../test/gateway/fixture.ts'
import { open, problemIn, raw } from '../../test/http/raw.ts'
import type { EdgeAnswer, Policy } from './exchange.ts'
import type { PolicyKind } from './policy-kind.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
async function used<T extends AsyncDisposable>(made: Promise<T>): Promise<T> {
  const resource = await made
  stack.push(resource)
  return resource
}
const back = (answer: Parameters<typeof backend>[0]): Promise<Backend> => used(backend(answer))

const pass: Policy = (request, next) => next(request)
const nothing: PolicyKind = { name: 'nothing', schema: {}, open: () => pass }

// the fast way, on which nothing looks at what passes, and the one through policies
describe.each([
  ['without policies', []],
  ['with a policy', [{ kind: 'nothing', settings: {}, line: 1 }]],
])('%s', (_name, policies) => {
  const gatewayTo = async (answer: Parameters<typeof backend>[0], said = {}) => {
    const { url } = await back(answer)
    return used(serving(everything([url], policies, said), { kinds: [nothing] }))
  }

  test('a request arrives as it was sent, with what the gateway says of it', async () => {
    const edge = await gatewayTo(echo)
    const answer = await fetch(`${edge.url}/a/b?c=d&c=e`, {
      method: 'POST',
      body: 'hello',
      headers: {
        'x-user-id': 'root',
        x_user_roles: 'admin',
        'x-forwarded-for': '6.6.6.6',
        'x-own': 'yes',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      },
    })
    const { method, url, headers, body } = (await answer.json()) as Echoed
    expect({ method, url, body }).toEqual({ method: 'POST', url: '/a/b?c=d&c=e', body: 'hello' })
    expect(headers).toMatchObject({
      host: new URL(edge.url).host,
      'x-own': 'yes',
      via: '1.1 banyan',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      forwarded: `for=127.0.0.1;host="${new URL(edge.url).host}";proto=http`,
      traceparent: expect.stringMatching(new RegExp(`^00-${'a'.repeat(32)}-(?!${'b'.repeat(16)})[0-9a-f]{16}-01$`)),
    })
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-user-id']))
    expect(headers).not.toHaveProperty('x_user_roles')
  })

  test('fields for one hop end at it, those that Connection names too', async () => {
    const edge = await gatewayTo((request, response) => {
      response.writeHead(200, ['connection', 'x-secret', 'x-secret', 's', 'keep-alive', 'timeout=9', 'x-open', JSON.stringify(request.headers)])
      response.end('ok')
    })
    const answer = await raw(
      edge.port,
      'GET / HTTP/1.1',
      'Host: a',
      'Connection: close, X-Hop',
      'X-Hop: 1',
      'TE: trailers',
      'Proxy-Authorization: Basic x',
      'X-End: 2',
      '',
      '',
    )
    expect(answer).not.toContain('x-secret')
    expect(answer).not.toContain('timeout=9')
    const seen = JSON.parse(/x-open: (.*)\r\n/.exec(answer)![1]!) as Record<string, string>
    expect(seen).toMatchObject({ 'x-end': '2', te: 'trailers', host: 'a' })
    expect(seen).not.toHaveProperty('x-hop')
    expect(seen).not.toHaveProperty('proxy-authorization')
  })

  test.each([
    [204, ''],
    [304, ''],
    [404, 'no'],
  ])('%i comes back', async (status, body) => {
    const edge = await gatewayTo((_request, response) => response.writeHead(status, { etag: '"1"', 'set-cookie': ['a=1', 'b=2'] }).end(body))
    const answer = await fetch(edge.url)
    expect([answer.status, await answer.text(), answer.headers.get('etag'), answer.headers.getSetCookie()]).toEqual([status, body, '"1"', ['a=1', 'b=2']])
  })

  test('HEAD keeps the length', async () => {
    const edge = await gatewayTo((_request, response) => response.writeHead(200, { 'content-length': '5' }).end())
    const answer = await fetch(edge.url, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '5'])
  })

  test('trailers follow the body', async () => {
    const edge = await gatewayTo((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('body')
      response.addTrailers({ 'x-sum': '7' })
      response.end()
    })
    const [answer] = (await once(get(edge.url), 'response')) as [IncomingMessage]
    expect(await text(answer)).toBe('body')
    expect(answer.trailers).toEqual({ 'x-sum': '7' })
  })

  test('an event arrives when it is sent', async () => {
    const { promise: go, resolve: proceed } = Promise.withResolvers<void>()
    const edge = await gatewayTo(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      await go
      response.write('data: 1\n\n')
    })
    const answer = await fetch(edge.url) // resolves with the head alone
    proceed()
    const reader = answer.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n')
    await reader.cancel()
  })

  test('bodies stay with their requests on a connection, whole or in parts', async () => {
    const edge = await gatewayTo(echo)
    const { socket, text: received, closed } = await open(edge.port)
    const post = (body: string, ...more: string[]) => ['POST / HTTP/1.1', 'Host: a', `Content-Length: ${body.length}`, ...more, '', body].join('\r\n')
    const answers = async (count: number) => {
      while (received().split('HTTP/1.1 200').length <= count) await once(socket, 'data')
    }
    socket.write(post('one') + post('two'))
    await answers(2)
    const third = post('three')
    socket.write(third.slice(0, -3))
    await new Promise((resolve) => setImmediate(resolve))
    socket.write(third.slice(-3))
    await answers(3)
    socket.write(post('x'.repeat(200_000), 'Connection: close'))
    const bodies = [...(await closed).matchAll(/"body":"(\w*)"/g)].map((match) => match[1]!)
    expect(bodies.map((body) => (body.length > 5 ? body.length : body))).toEqual(['one', 'two', 'three', 200_000])
  })

  test('an upload arrives while it is being sent', async () => {
    const { promise: first, resolve: seen } = Promise.withResolvers<string>()
    const edge = await gatewayTo((request, response) => {
      request.once('data', (chunk: Buffer) => seen(chunk.toString()))
      request.on('end', () => response.end('done'))
    })
    const sending = httpRequest(edge.url, { method: 'POST' })
    sending.write('part 1')
    expect(await first).toBe('part 1')
    sending.end('part 2')
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    expect(await text(answer)).toBe('done')
  })

  test('100 Continue is said once the upstream is reached, and not where nobody wants the body', async () => {
    const edge = await gatewayTo(echo)
    const connection = await open(edge.port)
    connection.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n')
    await once(connection.socket, 'data')
    expect(connection.text()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    connection.socket.write('abc')
    expect(await connection.closed).toContain('"body":"abc"')
  })

  test('a client that leaves ends the request at the upstream', async () => {
    const { promise: arrived, resolve: come } = Promise.withResolvers<void>()
    const { promise: left, resolve: gone } = Promise.withResolvers<void>()
    const edge = await gatewayTo((request) => {
      come()
      request.on('close', gone)
    })
    const asking = get(edge.url).on('error', () => undefined)
    await arrived
    asking.destroy()
    await left
  })

  test.each(['HTTP/1.1', 'HTTP/1.0'])('an upstream that dies in the middle cuts the answer (%s)', async (version) => {
    const edge = await gatewayTo((request, response) => {
      // a value that reads like the name of a field
      response.writeHead(200, { 'access-control-expose-headers': 'content-length' })
      response.write('half', () => request.socket.destroy())
    })
    const connection = await open(edge.port)
    let reset: Error | undefined
    connection.socket.once('error', (error) => (reset = error))
    connection.socket.write(`GET / ${version}\r\nHost: a\r\n\r\n`)
    const answer = await connection.closed
    if (version === 'HTTP/1.1') expect(answer).not.toContain('\r\n0\r\n')
    else expect(reset).toMatchObject({ code: 'ECONNRESET' })
  })

  test('nobody there: 503, and the client keeps its connection', async () => {
    const { url } = await back(echo)
    await stack.pop()![Symbol.asyncDispose]()
    const edge = await used(serving(everything([url], policies), { kinds: [nothing] }))
    const answer = await fetch(edge.url, { method: 'POST', body: 'x'.repeat(100) })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'unavailable' })
  })

  test('no answer in time: 504', async () => {
    const edge = await gatewayTo(() => undefined, { timeoutMs: 50, attempts: 1 })
    const answer = await fetch(edge.url)
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ code: 'deadline_exceeded' })
  })

  test('a slow reader holds the upstream back', async () => {
    let written = 0
    const chunk = Buffer.alloc(64 * 1024)
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
    const edge = await gatewayTo((_request, response) => {
      const send = () => {
        do written += chunk.length
        while (response.write(chunk) && written < 512 * 1024 * 1024)
        setImmediate(stop)
      }
      response.on('drain', send)
      send()
    })
    const connection = await open(edge.port)
    connection.socket.pause()
    connection.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await stopped
    expect(written).toBeLessThan(64 * 1024 * 1024)
    connection.socket.destroy()
  })
})

test.each(['/../a', '/a/%2e%2e/b', '/a/..%2fb', '/a/%00', '/%ff', '/a/..;/b'])('the path %s is refused', async (path) => {
  const { url } = await back(echo)
  const edge = await used(serving(everything([url])))
  const answer = await raw(edge.port, `GET ${path} HTTP/1.1`, 'Host: a', 'Connection: close', '', '')
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(problemIn(answer)).toMatchObject({ code: 'malformed_request' })
})

test('what is lost goes to another target where it may be repeated, and only there', async () => {
  let asked = 0
  const dying = await back((request) => {
    asked++
    request.socket.destroy()
  })
  const good = await back(echo)
  const edge = await used(serving(everything([dying.url, good.url])))
  for (let i = 0; i < 4; i++) expect((await fetch(edge.url)).status).toBe(200)
  expect(asked).toBeGreaterThan(0)
  const statuses = new Set<number>()
  for (let i = 0; i < 2; i++) statuses.add((await fetch(edge.url, { method: 'POST' })).status)
  expect(statuses).toEqual(new Set([200, 503]))
})

test('a small body is sent again where the method may be repeated', async () => {
  let read = 0
  const dying = await back((request) => {
    request.once('data', () => {
      read++
      request.socket.destroy()
    })
  })
  const edge = await used(serving(everything([dying.url, (await back(echo)).url])))
  const put = (body: string) => fetch(edge.url, { method: 'PUT', body })
  for (const body of ['first', 'second']) expect(await (await put(body)).json()).toMatchObject({ method: 'PUT', body })
  expect(read).toBeGreaterThan(0)
  const statuses = new Set<number>()
  for (let i = 0; i < 2; i++) statuses.add((await put('x'.repeat(1_000_000))).status)
  expect(statuses).toEqual(new Set([200, 503]))
})

test('policies see the request and change what passes', async () => {
  const { url } = await back(echo)
  const shouting: PolicyKind = {
    name: 'shouting',
    schema: {},
    open: () => async (request, next) => {
      const answer: EdgeAnswer = await next({ ...request, path: '/other', headers: { ...request.headers, 'x-policy': 'was here' } })
      return { ...answer, status: 203, headers: { ...answer.headers, 'x-answer': 'seen' } }
    },
  }
  const edge = await used(serving(everything([url], [{ kind: 'shouting', settings: {}, line: 1 }]), { kinds: [shouting] }))
  const answer = await fetch(`${edge.url}/first`)
  expect([answer.status, answer.headers.get('x-answer')]).toEqual([203, 'seen'])
  expect(await answer.json()).toMatchObject({ url: '/other', headers: { 'x-policy': 'was here' } })
})
