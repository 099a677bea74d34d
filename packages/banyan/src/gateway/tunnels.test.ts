import { once } from 'node:events'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { backend, everything, serving, type Backend } from '../../test/gateway/fixture.ts'
import { open } from '../../test/http/raw.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function switching(upgraded: (socket: Socket, head: Buffer) => void): Promise<Backend> {
  const there = await backend((_request, response) => response.writeHead(426).end('no'))
  there.server.on('upgrade', (request, socket: Socket, head: Buffer) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\nX-Via: ${request.headers.via}\r\n\r\n`)
    upgraded(socket, head)
  })
  stack.push(there)
  return there
}

async function asked(url: string) {
  const edge = await serving(everything([url]))
  stack.push(edge)
  const connection = await open(edge.port)
  connection.socket.write('GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly')
  return connection
}

test('another protocol passes both ways, what was sent early too, and each side ends by itself', async () => {
  const { url } = await switching(async (socket, head) => {
    if (head.length > 0) socket.unshift(head)
    socket.write('hello')
    socket.end(`[${await text(socket)}]`)
  })
  const { socket, text: received, closed } = await asked(url)
  while (!received().includes('hello')) await once(socket, 'data')
  expect(received()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-via: 1\.1 banyan\r\n\r\nhello$/)
  socket.end(' and late')
  expect(await closed).toMatch(/\[early and late\]$/)
})

test('an upstream that does not switch is answered for as usual', async () => {
  const there = await backend((_request, response) => response.writeHead(426, { 'content-type': 'text/plain' }).end('no'))
  stack.push(there)
  const { closed } = await asked(there.url)
  const answer = await closed
  expect(answer).toMatch(/^HTTP\/1\.1 426 /)
  expect(answer).toMatch(/\r\nno(?:\r\n0\r\n\r\n)?$/)
})

test('nobody there: 503', async () => {
  const there = await backend(() => undefined)
  await there[Symbol.asyncDispose]()
  const { closed } = await asked(there.url)
  expect(await closed).toMatch(/^HTTP\/1\.1 503 /)
})
