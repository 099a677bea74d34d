import { afterEach, expect, test } from 'vitest'
import { raw } from '../../test/gateway/asking.ts'
import { everything, policy, serving } from '../../test/gateway/fixture.ts'
import { open } from '../../test/http/raw.ts'
import type { PolicyKind } from './policy-kind.ts'

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

/** Before a server whose answers never end, with a policy that thinks about each until it is let go on. */
async function thinking() {
  const server = await raw((socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'))
  const gate = Promise.withResolvers<void>()
  const seen: number[] = []
  const kind: PolicyKind = {
    name: 'thinking',
    schema: {},
    open: () => async (request, next) => {
      const answer = await next(request)
      seen.push(answer.status)
      await gate.promise
      return answer
    },
  }
  const edge = await serving(everything([server.origin], [policy('thinking')]), { kinds: [kind] })
  stack.push(edge)
  const client = await open(edge.port)
  client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await expect.poll(() => seen).toEqual([200])
  return { server, edge, client, goOn: () => gate.resolve() }
}

test('an answer that breaks while a policy thinks about it is answered 503, and ends no process', async () => {
  const { server, edge, client, goOn } = await thinking()
  server.sockets[0]!.resetAndDestroy()
  await expect.poll(() => edge.status().upstreams['all']!.targets[0]!.pending).toBe(0)
  goOn()
  await expect.poll(() => client.text()).toMatch(/^HTTP\/1\.1 503 [^]*\}$/)
  expect(client.text()).not.toContain('127.0.0.1')
  client.socket.destroy()
})

test('a client that goes while a policy thinks about its answer ends the request to the upstream, and no process', async () => {
  const { server, edge, client, goOn } = await thinking()
  client.socket.resetAndDestroy()
  await expect.poll(() => server.sockets[0]!.destroyed).toBe(true)
  goOn()
  await expect.poll(() => edge.status().routes['all']?.inFlight ?? 0).toBe(0)
})
