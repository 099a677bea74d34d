import { expect, test } from 'vitest'
import { serve } from '../../../test/http/fixture.ts'
import { open, problemIn, raw } from '../../../test/http/raw.ts'
import { opened } from '../../../test/http/stack.ts'

const keep = opened()
const never = () => Promise.reject(new Error('nothing of this is to be called'))

test.each(['xchunked', 'identity', 'gzip', 'gzip, chunked', 'chunked, identity', 'chunked, chunked', 'chunked;q=1'])(
  'a transfer coding that is not chunked alone is answered 400 once, and the connection ends: %s',
  async (coding) => {
    const server = keep(await serve(never))
    const answer = await raw(server.port, 'POST /orders HTTP/1.1', 'Host: a', `Transfer-Encoding: ${coding}`, '', '0', '', '')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(problemIn(answer)).toMatchObject({ code: 'malformed_request', status: 400, executed: 'no' })
  },
)

test('also where its head comes in parts', async () => {
  const server = keep(await serve(never))
  const { socket, closed } = await open(server.port)
  const parts = ['POST /orders HTTP/1.1\r\nHost: a\r\n', 'Transfer-Enc', 'oding: xchunked\r\n', '\r\n', '0\r\n\r\n']
  for (const part of parts) await new Promise<void>((resolve) => void socket.write(part, () => setImmediate(resolve)))
  const answer = await closed
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
})

test('what is no HTTP behind a request whose answer is whole leaves that answer whole', async () => {
  const server = keep(await serve(never))
  const { socket, closed } = await open(server.port)
  // more of a body is announced than is thrown away, so the refusal waits for it
  socket.write('POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')
  const answer = await closed
  expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  expect(problemIn(answer)).toMatchObject({ code: 'not_found' })
})
