import { BanyanError, command, contract } from 'banyan'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { Door, pauseAfter } from './door.ts'

const bell = contract('bell', { ring: command({ http: 'POST /bell', output: z.object({ rung: z.number() }), errors: { Broken: z.object({}) } }) })
const open: { close(): unknown; closeAllConnections(): void }[] = []
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

type Answer = readonly [status: number, body: unknown, headers?: Record<string, string> | undefined]

/** A unit that gives these answers to whoever rings, one after the other; `undefined`: it hangs up. */
async function unit(...answers: (Answer | undefined)[]) {
  const seen: string[] = []
  const listener: RequestListener = (request, response) => {
    const give = ([status, body, headers = {}]: Answer) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (request.url === '/_development/token') return give([200, { token: `token${seen.length}` }])
    seen.push(`${request.headers.authorization} ${String(request.headers['idempotency-key'])}`)
    const answer = answers.shift()
    if (answer) give(answer)
    else request.socket.destroy()
  }
  const server = createServer(listener).listen(0, '127.0.0.1')
  open.push(server)
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

const problem = (status: number, code: string, headers?: Record<string, string>): Answer => [
  status,
  { type: `urn:banyan:error:${code}`, code, title: code, status, detail: code, executed: 'no', retryable: status >= 500 },
  headers,
]
const rung: Answer = [200, { rung: 1 }]
const never = new AbortController().signal
const ring = (door: Door<{ bell: typeof bell }>) => door.ask(({ bell: { ring: push } }) => push(undefined, { idempotencyKey: 'k' }))

test('who asks waits until there is an answer, and asks under the same key', async () => {
  const { url, seen } = await unit(problem(503, 'unavailable'), problem(503, 'draining'), problem(504, 'deadline_exceeded'), rung)
  await using door = new Door({ bell }, [url], never)
  expect(await ring(door)).toEqual({ rung: 1 })
  expect(seen).toEqual(Array.from({ length: 4 }, () => 'Bearer token0 k'))
  expect(door.repeats).toBe(3)
})

test('a unit that is gone is no answer, and the other is asked', async () => {
  const [gone, there] = [await unit(), await unit(rung)]
  open[0]!.close()
  open[0]!.closeAllConnections()
  await using door = new Door({ bell }, [there.url, gone.url], never)
  // the first question is for the unit that is there, the second for the other
  expect(await ring(door)).toEqual({ rung: 1 })
  const late = await unit(rung)
  await using second = new Door({ bell }, [late.url, gone.url], never)
  await second.ask(async () => undefined)
  expect(await ring(second)).toEqual({ rung: 1 })
})

test('it waits as long as it is asked to, longer every time, and not as long as others', () => {
  const busy = new BanyanError('overloaded', 'a queue is full', { details: { retryAfterMs: 1_000 } })
  const gone = new BanyanError('unavailable', 'nobody answers')
  expect([1, 2, 20].map((attempt) => pauseAfter(gone, attempt, 0.5))).toEqual([20, 40, 1_000])
  expect([0, 0.5].map((chance) => pauseAfter(busy, 1, chance))).toEqual([1_000, 1_020])
})

test('a token that has ended is renewed once', async () => {
  const { url, seen } = await unit(problem(401, 'unauthenticated'), rung)
  await using door = new Door({ bell }, [url], never)
  expect(await ring(door)).toEqual({ rung: 1 })
  expect(seen).toEqual(['Bearer token0 k', 'Bearer token1 k'])
  const other = await unit(problem(401, 'unauthenticated'), problem(401, 'unauthenticated'), rung)
  await using refused = new Door({ bell }, [other.url], never)
  await expect(ring(refused)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('what a repeat would not mend is thrown', async () => {
  const { url } = await unit(problem(403, 'forbidden'), [
    422,
    { type: 'urn:bell:error:Broken', code: 'Broken', title: '', status: 422, detail: '', executed: 'no', retryable: false, details: {} },
  ])
  await using door = new Door({ bell }, [url], never)
  await expect(ring(door)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(ring(door)).rejects.toSatisfy(bell.ring.errors.Broken.is)
})

test('nobody waits any longer once it is stopped', async () => {
  const { url } = await unit(problem(503, 'overloaded', { 'retry-after': '3600' }))
  const stop = new AbortController()
  await using door = new Door({ bell }, [url], stop.signal)
  const asked = ring(door)
  await expect.poll(() => door.repeats).toBe(1)
  stop.abort()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
})
