import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { everything, policy, serving } from '../../test/gateway/fixture.ts'
import { raw } from '../../test/http/raw.ts'
import type { PolicyConfig } from './config.ts'
import type { RunningGateway } from './start-gateway.ts'

/** What the upstream was sent, byte for byte. */
let sent = ''
let server: Server
beforeAll(async () => {
  server = createServer((socket) => {
    socket.setEncoding('latin1').on('error', () => undefined)
    socket.on('data', (text) => {
      sent += String(text)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const next = ['GET /smuggled HTTP/1.1', 'Host: a', '', '']
const probes: readonly (readonly [string, readonly string[]])[] = [
  ['Content-Length before Transfer-Encoding', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 6', 'Transfer-Encoding: chunked', '', '0', '', ...next]],
  ['Transfer-Encoding before Content-Length', ['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 4', '', '1e', ...next]],
  ['two lengths', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 0', 'Content-Length: 44', '', ...next]],
  ['two equal lengths', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 2', 'Content-Length: 2', '', 'ab', ...next]],
  ['a list of lengths', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 2, 2', '', 'ab', ...next]],
  ['a length with a sign', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: +2', '', 'ab', ...next]],
  ['a folded field', ['POST / HTTP/1.1', 'Host: a', 'X-A: b', ' Transfer-Encoding: chunked', 'Content-Length: 2', '', 'ab', ...next]],
  ['a blank before a colon', ['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding : chunked', '', '0', '', ...next]],
  ['a bare line feed', ['GET / HTTP/1.1\nHost: a', 'X-A: b\nX-B: c', '', ...next]],
  ['NUL in a field', ['GET / HTTP/1.1', 'Host: a', 'X-A: \0', '', ...next]],
  ['two transfer codings', ['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity', '', '0', '', ...next]],
  ['chunked in HTTP/1.0', ['POST / HTTP/1.0', 'Host: a', 'Connection: keep-alive', 'Transfer-Encoding: chunked', '', '0', '', ...next]],
  ['an empty Transfer-Encoding beside Content-Length', ['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding:', 'Content-Length: 44', '', ...next]],
  ['an absolute target with another host', ['GET http://b/ HTTP/1.1', 'Host: a', '', ...next]],
  ['two hosts', ['GET / HTTP/1.1', 'Host: a', 'Host: b', '', ...next]],
  ['a transfer coding that is not known', ['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: xchunked', '', '0', '', ...next]],
  ['an empty host', ['GET / HTTP/1.1', 'Host:', '', ...next]],
  ['a host with a user', ['GET / HTTP/1.1', 'Host: u@a', '', ...next]],
  ['a host with a path', ['GET / HTTP/1.1', 'Host: a/b', '', ...next]],
  ['a list of hosts', ['GET / HTTP/1.1', 'Host: a, b', '', ...next]],
  ['GET *', ['GET * HTTP/1.1', 'Host: a', '', ...next]],
]

describe.each<[string, readonly PolicyConfig[]]>([
  ['without policies', []],
  ['with policies', [policy('cache'), policy('security-headers')]],
])('%s', (_name, policies) => {
  let edge: RunningGateway
  beforeAll(async () => {
    edge = await serving(everything([`http://127.0.0.1:${(server.address() as AddressInfo).port}`], policies))
  })
  afterAll(() => edge[Symbol.asyncDispose]())
  beforeEach(() => void (sent = ''))

  test.each(probes)('%s: 400, the connection ends, and the upstream hears of nothing', async (_what, lines) => {
    const answer = await raw(edge.port, ...lines)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(sent).toBe('')
  })

  test('extensions of chunks and trailers end here', async () => {
    const chunked = ['2;a=b', 'ab', '0', 'X-Trailer: c', '', '']
    const answer = await raw(edge.port, 'POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Trailer: x-trailer', 'Connection: close', '', ...chunked)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(sent).toMatch(/^POST \/ HTTP\/1\.1\r\n/)
    expect(sent).not.toMatch(/a=b|x-trailer|content-length/i)
  })

  test('a length that Connection names is still the length', async () => {
    const answer = await raw(edge.port, 'POST / HTTP/1.1', 'Host: a', 'Content-Length: 2', 'Connection: close, content-length', '', 'ab')
    expect(answer).toMatch(/^HTTP\/1\.1 (?:200|400) /)
    expect(sent).toMatch(/^$|^POST \/ HTTP\/1\.1\r\n[^]*(?:content-length: 2|transfer-encoding: chunked)/i)
  })
})
