import { Pool, request } from 'undici'
import { expect, test } from 'vitest'
import { checked, serve } from '../../../test/http/fixture.ts'
import { open } from '../../../test/http/raw.ts'

const PING = 'GET /ping HTTP/1.1\r\nHost: a\r\n\r\n'

function gated() {
  const gate = Promise.withResolvers<undefined>()
  const state = { begun: 0 }
  const invoke = checked(() => {
    state.begun++
    return gate.promise
  })
  return { gate, state, invoke }
}

test('a server that leaves says so, still serves, and ends each connection with its next answer', async () => {
  await using server = await serve(checked(() => undefined))
  const before = await request(`${server.url}/readyz`)
  expect([before.statusCode, await before.body.json()]).toMatchObject([200, { status: 'ready' }])
  server.leave()
  const ready = await request(`${server.url}/readyz`)
  expect([ready.statusCode, await ready.body.json()]).toMatchObject([503, { status: 'draining' }])
  const { socket, closed } = await open(server.port)
  socket.write(PING)
  expect(await closed).toMatch(/^HTTP\/1\.1 204 [^]*connection: close/i)
})

test('draining finishes what has begun, closes what idles, and accepts nothing new', async () => {
  const { gate, state, invoke } = gated()
  const server = await serve(invoke)
  const idle = await open(server.port)
  idle.socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
  await expect.poll(() => idle.text()).toContain('200 OK')
  const busy = await open(server.port)
  busy.socket.write(PING)
  await expect.poll(() => state.begun).toBe(1)

  const drained = server.drain(10_000)
  await idle.closed
  await expect(request(`${server.url}/livez`)).rejects.toThrow('ECONNREFUSED')
  expect(busy.text()).toBe('')
  gate.resolve(undefined)
  await drained
  expect(await busy.closed).toMatch(/^HTTP\/1\.1 204 [^]*connection: close/i)
})

test('what is not finished by the deadline is cut, and its work told', async () => {
  let signal: AbortSignal | undefined
  const server = await serve(
    checked((_operation, _input, envelope) => {
      signal = envelope.signal
      return new Promise(() => undefined)
    }),
  )
  const busy = await open(server.port)
  busy.socket.write(PING)
  await expect.poll(() => signal).toBeDefined()
  await server.drain(10)
  expect(await busy.closed).toBe('')
  expect(signal?.aborted).toBe(true)
})

test('what only waits for news is let go', async () => {
  const waiting = Promise.withResolvers<AbortSignal>()
  const server = await serve(
    checked(() => undefined),
    {
      extra: [
        {
          method: 'GET',
          path: '/_events',
          answer: ({ response, signal }) => {
            response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
            signal.addEventListener('abort', () => response.end())
            waiting.resolve(signal)
            return undefined
          },
        },
      ],
    },
  )
  const events = await open(server.port)
  events.socket.write('GET /_events HTTP/1.1\r\nHost: a\r\n\r\n')
  await waiting.promise
  await server.drain(10_000)
  expect(await events.closed).toContain(': hello')
})

test('callers notice nothing: every request in a rolling restart is answered', async () => {
  const server = await serve(checked(() => new Promise((resolve) => setImmediate(resolve))))
  const pool = new Pool(server.url, { connections: 8 })
  const statuses: number[] = []
  const stop = new AbortController()
  const callers = Array.from({ length: 8 }, async () => {
    while (!stop.signal.aborted) {
      const answer = await pool.request({ method: 'GET', path: '/ping' })
      await answer.body.dump()
      statuses.push(answer.statusCode)
    }
  })
  await expect.poll(() => statuses.length).toBeGreaterThan(100)
  server.leave() // from now on nobody is sent here, and each connection ends with its next answer
  stop.abort()
  await Promise.all(callers)
  await server.drain(10_000)
  expect(new Set(statuses)).toEqual(new Set([204]))
  await pool.close()
})

test('draining twice is draining once', async () => {
  const server = await serve(checked(() => undefined))
  await Promise.all([server.drain(1_000), server.drain(1_000), server[Symbol.asyncDispose]()])
})
