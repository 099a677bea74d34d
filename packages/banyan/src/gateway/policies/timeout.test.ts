import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { edgeRequest } from '../../../test/gateway/edge-request.ts'
import { backend, everything, policy, serving } from '../../../test/gateway/fixture.ts'
import { passing } from '../../../test/gateway/pass.ts'
import type { Duration } from '../../kernel/duration.ts'
import type { EdgeAnswer } from '../exchange.ts'
import { timeoutPolicy } from './timeout.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

const bounded = (duration: Duration) => timeoutPolicy.open(duration, { directory: '.' })

async function before(answer: Parameters<typeof backend>[0], duration: string): Promise<string> {
  const there = await backend(answer)
  stack.push(there)
  const edge = await serving(everything([there.url], [policy('timeout', duration)]))
  stack.push(edge)
  return edge.url
}

test('an answer that does not begin in time: 504, and the upstream is let go of', async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const url = await before((request) => void request.on('close', leave), '200ms') // in which it has to get there
  const answer = await fetch(url)
  expect(answer.status).toBe(504)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(await answer.json()).toMatchObject({ code: 'deadline_exceeded', detail: expect.stringContaining("route 'all', which has 200ms") })
  await left
})

test('an upload is not waited for either', async () => {
  const url = await before((request) => void request.resume(), '30ms')
  const sending = httpRequest(url, { method: 'POST', headers: { 'content-length': '1000000' } })
  sending.on('error', () => undefined) // it is cut once it is answered
  sending.write('begun')
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  expect([answer.statusCode, answer.headers.connection]).toEqual([504, 'close'])
  answer.resume()
})

test('an answer that has begun may take as long as it likes', async () => {
  vi.useFakeTimers()
  try {
    const begun: EdgeAnswer = { status: 200, headers: {}, body: new Readable({ read: () => undefined }) }
    expect(await bounded('5s')(edgeRequest(), () => Promise.resolve(begun))).toBe(begun)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('an answer that comes too late is not read, and hurts nobody when it fails', async () => {
  const late = Promise.withResolvers<EdgeAnswer>()
  const body = new Readable({ read: () => undefined })
  const asked = bounded('5ms')(edgeRequest(), () => late.promise)
  await expect(asked).rejects.toMatchObject({ code: 'deadline_exceeded', executed: 'maybe' })
  late.resolve({ status: 200, headers: {}, body })
  await once(body, 'close')
  body.destroy(new Error('cut')) // would end the process if it were told of

  const failing = Promise.withResolvers<EdgeAnswer>()
  await expect(bounded('5ms')(edgeRequest(), () => failing.promise)).rejects.toMatchObject({ code: 'deadline_exceeded' })
  failing.reject(new Error('cut'))
  await new Promise(setImmediate)
})

test('other errors stay what they are', async () => {
  const pass = passing('[{ timeout: 5s }, { ip: { deny: [private] } }]')
  await expect(pass({ client: '10.1.2.3' })).rejects.toMatchObject({ code: 'forbidden' })
})

test.each([
  ['0s', "'0s' is no time at all"],
  ['soon', "a duration, such as '300ms'"],
])('timeout: %s is a mistake', async (written, message) => {
  await expect(passing(`[{ timeout: ${written} }]`)()).rejects.toThrow(message)
})
