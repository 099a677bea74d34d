import { afterAll, beforeAll, expect, test } from 'vitest'
import { checked, serve } from '../../../test/http/fixture.ts'
import { open, problemIn } from '../../../test/http/raw.ts'
import type { HttpServer } from './server.ts'

const LIMIT = 1000
let server: HttpServer
let calls = 0
beforeAll(async () => {
  const invoke = checked((_operation, input) => {
    calls++
    return input
  })
  server = await serve(invoke, { limits: { bodyBytes: LIMIT, requestMs: 2_000, headersMs: 1_000 } })
})
afterAll(() => server[Symbol.asyncDispose]())

const head = (...more: string[]) => ['POST /poke HTTP/1.1', 'Host: a', 'Content-Type: application/json', ...more, '', ''].join('\r\n')

test('an announced length above the limit is refused before it is sent, and the answer arrives although more is sent', async () => {
  const { socket, closed } = await open(server.port)
  socket.write(head('Content-Length: 3000000'))
  socket.write('x'.repeat(3_000_000))
  const answer = await closed
  expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*connection: close/i)
  expect(problemIn(answer)).toMatchObject({ code: 'payload_too_large', details: { limit: LIMIT } })
})

test('a body that grows above the limit is refused while it comes', async () => {
  const { socket, closed, text } = await open(server.port)
  socket.write(head('Transfer-Encoding: chunked'))
  socket.write(`${(600).toString(16)}\r\n${'x'.repeat(600)}\r\n`)
  socket.write(`${(600).toString(16)}\r\n${'x'.repeat(600)}\r\n`)
  await expect.poll(() => text()).toMatch(/^HTTP\/1\.1 413 /)
  socket.write('0\r\n\r\n')
  expect(problemIn(await closed)).toMatchObject({ code: 'payload_too_large' })
})

test('who asks first is told 413 without having sent anything, or to go on', async () => {
  const large = await open(server.port)
  large.socket.write(head('Content-Length: 3000', 'Expect: 100-continue'))
  await expect.poll(() => large.text()).toMatch(/^HTTP\/1\.1 413 /)
  large.socket.destroy()
  const small = await open(server.port)
  small.socket.write(head('Content-Length: 2', 'Expect: 100-continue', 'Connection: close'))
  await expect.poll(() => small.text()).toMatch(/^HTTP\/1\.1 100 Continue/)
  small.socket.write('{}')
  expect(await small.closed).toContain('HTTP/1.1 200 OK')
})

test('a refused body of moderate size does not cost the connection', async () => {
  const { socket, text } = await open(server.port)
  socket.write(`POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n${'x'.repeat(500)}`)
  await expect.poll(() => text()).toMatch(/^HTTP\/1\.1 404 /)
  socket.write(`${head('Content-Length: 2')}{}`)
  await expect.poll(() => text()).toContain('HTTP/1.1 200 OK')
  socket.destroy()
})

test('a caller that leaves in the middle of a body is not worked for', async () => {
  const before = calls
  const { socket, closed } = await open(server.port)
  socket.write(`${head('Content-Length: 500')}{"hard":`)
  socket.end()
  expect(await closed).not.toContain('200 OK')
  expect(calls).toBe(before)
})

test('chunks that are none: 400', async () => {
  const { socket, closed } = await open(server.port)
  socket.write(`${head('Transfer-Encoding: chunked')}nonsense\r\n`)
  expect(await closed).toMatch(/^HTTP\/1\.1 400 /)
})

test('headers and bodies that never end: 408', async () => {
  const slow = await open(server.port)
  slow.socket.write('GET /ping HTTP/1.1\r\nHost: a\r\n')
  const slower = await open(server.port)
  slower.socket.write(`${head('Content-Length: 500')}{`)
  expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /)
  expect(await slower.closed).toMatch(/^HTTP\/1\.1 408 /)
})
