import { get, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { everything, serving } from '../../test/gateway/fixture.ts'
import { open, raw } from '../../test/http/raw.ts'
import type { Log } from '../model/context.ts'
import { silentLog } from '../observe/log.ts'
import type { Policy } from './exchange.ts'
import type { PolicyKind } from './policy-kind.ts'
import type { RunningGateway, StartGatewayOptions } from './start-gateway.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

/** Before a server that answers every part which comes with the same bytes. */
async function before(
  bytes: string,
  options: Partial<StartGatewayOptions> = {},
  policies: readonly string[] = [],
): Promise<RunningGateway & { readonly heard: string[] }> {
  const heard: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket
      .on('error', () => undefined)
      .on('data', (part) => {
        heard.push(part.toString('latin1'))
        socket.write(bytes)
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  const kinds = policies.map((kind) => ({ kind, settings: {}, line: 1 }))
  const edge = await serving(everything([`http://127.0.0.1:${(server.address() as AddressInfo).port}`], kinds, { attempts: 3 }), options)
  stack.push(edge)
  return Object.assign(edge, { heard })
}

const spoiling = (headers: Record<string, string>): PolicyKind => {
  const spoil: Policy = (request, next) => next({ ...request, headers: { ...request.headers, ...headers } })
  return { name: 'spoiling', schema: {}, open: () => spoil }
}

test.each([
  ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'it has both Transfer-Encoding and Content-Length'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 'it begins with "SSH-2.0-OpenSSH_"'],
])('a broken answer is never passed on: 503, and status and log say what is wrong with it (%s)', async (_what, bytes, why) => {
  const warn = vi.fn<Log['warn']>()
  const edge = await before(bytes, { log: { ...silentLog, warn } })
  expect((await fetch(edge.url)).status).toBe(503)
  const fault = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+: its answer is not HTTP\/1\.1: /)
  expect(edge.status().upstreams['all']!.targets).toMatchObject([{ fault }])
  expect(edge.status().upstreams['all']!.targets[0]!.fault).toContain(why)
  expect(warn).toHaveBeenCalledWith('a target of an upstream gives no answer', { upstream: 'all', fault })
})

describe('what a policy has made cannot be sent: 500, and nothing of it is', () => {
  test.each([
    ['a line end in a value', { 'x-a': 'b\r\nx-evil: c' }],
    ['a line end in a name', { 'x-a: b\r\nx-evil': 'c' }],
    ['what is beyond one byte', { 'x-a': '\u010a' }],
    ['a field for the connection', { expect: '100-continue' }],
  ])('%s', async (_what, headers) => {
    const error = vi.fn<Log['error']>()
    const edge = await before('HTTP/1.1 204 No Content\r\n\r\n', { kinds: [spoiling(headers)], log: { ...silentLog, error } }, ['spoiling'])
    for (let i = 0; i < 10; i++) expect((await fetch(edge.url)).status).toBe(500)
    expect(edge.heard).toEqual([])
    // the target has nothing to do with it
    expect(edge.status().upstreams['all']!.targets).toMatchObject([{ fault: undefined, breaker: { state: 'closed' } }])
    expect(String(error.mock.calls[0]?.[1]?.['error'])).toMatch(/the field .* cannot be sent|the field expect, which is for the connection/)
  })
})

test('an answer before the answer passes, and 100 Continue that nobody has asked for does not', async () => {
  const edge = await before(
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  )
  const asking = get(edge.url)
  const told: unknown[] = []
  asking.on('information', ({ statusCode, headers }: { statusCode: number; headers: Record<string, unknown> }) => told.push([statusCode, headers['link']]))
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  answer.resume()
  expect([answer.statusCode, told]).toEqual([200, [[103, '</a>, </b>']]])
})

const trailing = 'HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n'
test.each([
  ['HEAD / HTTP/1.1', trailing],
  ['GET / HTTP/1.0', `${trailing}1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n`],
  ['GET / HTTP/1.1', 'HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nContent-Length: 1\r\n\r\na'],
])('trailers that cannot follow are not announced: %s', async (line, bytes) => {
  const { port } = await before(bytes)
  const answer = await raw(port, line, 'Host: a', 'Connection: close', '', '')
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer.toLowerCase()).not.toContain('x-sum')
})

test('what a policy says of the transfer of its answer is not passed on, however it is written', async () => {
  const own: Policy = async () => ({
    status: 200,
    headers: { 'Transfer-Encoding': 'chunked', 'Keep-Alive': 'timeout=999', 'X-A': 'b' },
    body: Buffer.from('a'),
  })
  const { port } = await before('', { kinds: [{ name: 'own', schema: {}, open: () => own }] }, ['own'])
  const { socket, text } = await open(port)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await expect.poll(text).toMatch(/\r\n0\r\n\r\n$/)
  expect(text().match(/transfer-encoding/gi)).toHaveLength(1)
  expect(text()).not.toContain('999')
  expect(text()).toMatch(/x-a: b/i)
  socket.destroy()
})
