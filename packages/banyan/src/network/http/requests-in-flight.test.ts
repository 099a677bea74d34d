import { expect, test } from 'vitest'
import { checked, serve, type Invoke } from '../../../test/http/fixture.ts'
import { open } from '../../../test/http/raw.ts'
import { send } from '../../../test/http/requests.ts'
import { opened } from '../../../test/http/stack.ts'
import type { HttpServerOptions } from './options.ts'

const keep = opened()
const started = async (invoke: Invoke, options: Partial<HttpServerOptions> = {}) => keep(await serve(invoke, options))

test('when time runs out the answer is 504 and the work is told', async () => {
  let signal: AbortSignal | undefined
  const server = await started(
    checked((_operation, _input, envelope) => {
      signal = envelope.signal
      return new Promise(() => undefined)
    }),
  )
  expect(await send(server, 'GET', '/ping', undefined, { 'banyan-deadline-ms': '20' })).toMatchObject({
    status: 504,
    json: { code: 'deadline_exceeded', executed: 'maybe' },
  })
  expect(signal).toMatchObject({ aborted: true, reason: { code: 'deadline_exceeded' } })
})

test('a caller that leaves is no longer worked for', async () => {
  const begun = Promise.withResolvers<AbortSignal>()
  const server = await started(
    checked((_operation, _input, envelope) => {
      begun.resolve(envelope.signal)
      return new Promise(() => undefined)
    }),
  )
  const { socket } = await open(server.port)
  socket.write('GET /ping HTTP/1.1\r\nHost: a\r\n\r\n')
  const signal = await begun.promise
  expect(signal.aborted).toBe(false)
  socket.destroy()
  await expect.poll(() => signal).toMatchObject({ aborted: true, reason: { code: 'cancelled' } })
})

test('requests beyond the limit are refused at once; health is not', async () => {
  const gate = Promise.withResolvers<undefined>()
  let running = 0
  const server = await started(
    checked(() => {
      running++
      return gate.promise
    }),
    { limits: { inFlight: 2 } },
  )
  const first = [send(server, 'GET', '/ping'), send(server, 'GET', '/ping')]
  await expect.poll(() => running).toBe(2)
  expect(await send(server, 'GET', '/ping')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    json: { code: 'overloaded', retryable: true, executed: 'no' },
  })
  expect(await send(server, 'GET', '/livez')).toMatchObject({ status: 200 })
  gate.resolve(undefined)
  expect(await Promise.all(first)).toMatchObject([{ status: 204 }, { status: 204 }])
  expect(await send(server, 'GET', '/ping')).toMatchObject({ status: 204 })
})
