import type { RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { envelope, operation, plainServer, unitAt } from '../../test/http/peers.ts'
import { opened } from '../../test/http/stack.ts'
import { Deadline } from '../kernel/deadline.ts'
import { BanyanError } from '../kernel/errors.ts'
import { identity } from '../security/identity.ts'
import { roundRobin } from './balance/balancer.ts'
import { consistentHash } from './balance/consistent-hash.ts'
import { toProblem } from './http/problem.ts'
import { readyProbe } from './http/ready-probe.ts'
import type { EdgePolicies } from './edge-policies.ts'
import { wayTo } from './way.ts'

const keep = opened()
const command = operation('secretly')

interface At {
  readonly id: string
  readonly origin: string
}
const instance = async (id: string, listener: RequestListener): Promise<At> => ({ id, origin: keep(await plainServer(listener)).origin })
const answering: RequestListener = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"n":2}')
const breaking: RequestListener = (request) => void request.socket.destroy()

function to(first: readonly At[], policies: EdgePolicies = {}, probe?: (instance: At, signal: AbortSignal) => Promise<boolean>) {
  let change: (instances: readonly At[]) => void = () => undefined
  const gone: string[] = []
  const way = keep(
    wayTo<At>({
      unit: 'sales',
      policies,
      ...(probe && { probe }),
      watch(changed) {
        change = changed
        changed(first)
        return { [Symbol.dispose]: () => undefined }
      },
      connect({ id, origin }) {
        const remote = unitAt(origin, { attempts: 1 })
        return {
          call: (...call) => remote.call(...call),
          feed: (...feed) => remote.feed(...feed),
          async [Symbol.asyncDispose]() {
            gone.push(id)
            await remote[Symbol.asyncDispose]()
          },
        }
      },
    }),
  )
  return { way, gone, change: (instances: readonly At[]) => change(instances) }
}

test('a call lost on the way to one instance is repeated on another under the same key', async () => {
  const keys: unknown[] = []
  const noting =
    (then: RequestListener): RequestListener =>
    (request, response) => {
      keys.push(request.headers['idempotency-key'])
      then(request, response)
    }
  const { way } = to([await instance('a', noting(breaking)), await instance('b', noting(answering))])
  const sent = Array.from({ length: 30 }, () => envelope())
  for (const one of sent) expect(await way.call(command, { n: 1 }, one)).toEqual({ n: 2 })
  expect(new Set(keys)).toEqual(new Set(sent.map(({ key }) => key)))
  expect(keys.length).toBeGreaterThan(sent.length)
})

test('what keeps failing is ejected, its breaker opens, and the status says why', async () => {
  let reached = 0
  const failing: RequestListener = (request) => {
    reached++
    request.socket.destroy()
  }
  const { way } = to([await instance('a', failing), await instance('b', answering), await instance('c', answering)], { balancer: roundRobin() })
  for (let i = 0; i < 15; i++) await way.call(command, { n: 1 }, envelope())
  expect(reached).toBe(5)
  for (let i = 0; i < 20; i++) await way.call(command, { n: 1 }, envelope())
  expect(reached).toBe(5)
  const [a, b] = way.status().instances
  expect(a).toMatchObject({ instance: 'a', pending: 0, calls: 5, failures: 5, ejected: '5 calls in a row failed', breaker: { state: 'open' } })
  expect(b).toMatchObject({ instance: 'b', failures: 0, ejected: undefined, breaker: { state: 'closed' } })
})

test('when every breaker is open a call fails at once and was not executed', async () => {
  let reached = 0
  const failing: RequestListener = (request) => {
    reached++
    request.socket.destroy()
  }
  const { way } = to([await instance('a', failing)], { breaker: { openMs: 60_000, openCapMs: 60_000 } })
  for (let i = 0; i < 2; i++) await expect(way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'maybe' })
  expect(reached).toBe(5)
  await expect(way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({
    code: 'unavailable',
    executed: 'no',
    // and what they failed of
    message: expect.stringMatching(/5 calls in a row failed: .*cannot be reached/),
  })
  expect(reached).toBe(5)
  expect(way.status().instances[0]!.breaker!.refused).toBe(2) // the third attempt of the second call, and the third call once
})

test('more calls than there are places are refused', async () => {
  const { way } = to([await instance('a', () => undefined)], { bulkhead: { limit: 1, queue: 0 } })
  const giving = new AbortController()
  const first = way.call(command, { n: 1 }, envelope({ signal: giving.signal })).catch((error: unknown) => error)
  await expect(way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'overloaded', executed: 'no' })
  giving.abort()
  expect(await first).toMatchObject({ code: 'cancelled' })
  expect(way.status()).toMatchObject({ calls: 2, running: 0, refused: { full: 1 }, instances: [{ pending: 0, failures: 0 }] })
})

test('an instance that goes is let go once its calls have ended, one that comes is used', async () => {
  const { promise: held, resolve: answer } = Promise.withResolvers<() => void>()
  const a = await instance('a', (request, response) => answer(() => answering(request, response)))
  const b = await instance('b', answering)
  const { way, gone, change } = to([a])
  const call = way.call(command, { n: 1 }, envelope())
  const finish = await held
  change([b])
  expect(gone).toEqual([])
  expect(await way.call(command, { n: 1 }, envelope())).toEqual({ n: 2 })
  finish()
  expect(await call).toEqual({ n: 2 })
  expect(gone).toEqual(['a'])
})

/** An instance that answers, or breaks every connection while it is away. */
async function restarting(id: string) {
  const state = { away: false, calls: 0 }
  const at = await instance(id, (request, response) => {
    if (request.url !== '/readyz') state.calls++
    if (state.away) breaking(request, response)
    else answering(request, response)
  })
  return { at, state }
}
const ready = ({ origin }: At, signal: AbortSignal) => readyProbe(origin, { signal })

test('an instance that was ejected, with its breaker open, is used again once its health check passes', async () => {
  const { at, state } = await restarting('a')
  // not before calls have found it out: who fails its checks is called no more
  const found = Promise.withResolvers<void>()
  const probe = (instance: At, signal: AbortSignal) => found.promise.then(() => ready(instance, signal))
  const { way } = to([at, await instance('b', answering)], { balancer: roundRobin(), breaker: { openMs: 60_000, openCapMs: 60_000 } }, probe)
  state.away = true
  const call = () => way.call(command, { n: 1 }, envelope())
  for (let i = 0; i < 12; i++) await call()
  expect(way.status().instances[0]).toMatchObject({ ejected: '5 calls in a row failed', breaker: { state: 'open' } })
  found.resolve()
  await expect.poll(() => way.status().instances[0]!.healthy).toBe(false)
  state.away = false
  await expect.poll(() => way.status().instances[0]).toMatchObject({ healthy: true, ejected: undefined, breaker: { state: 'closed' } })
  const before = state.calls
  for (let i = 0; i < 4; i++) await call()
  expect(state.calls).toBe(before + 2)
})

test('when every breaker is open, a call asks the instances and goes to one that is back, at once', async () => {
  const { at, state } = await restarting('a')
  const { way } = to([at], { breaker: { openMs: 60_000, openCapMs: 60_000 } }, ready)
  state.away = true
  for (let i = 0; i < 2; i++) await expect(way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable' })
  await expect.poll(() => way.status().instances[0]!.healthy).toBe(false)
  await expect(way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
  expect(state.calls).toBe(5)
  state.away = false
  expect(await way.call(command, { n: 1 }, envelope())).toEqual({ n: 2 })
})

test('an unhealthy instance gets calls only when there is no healthy one', async () => {
  const [a, b] = [await restarting('a'), await restarting('b')]
  const passing = new Set(['b'])
  const { way } = to([a.at, b.at], { balancer: roundRobin() }, async ({ id }) => passing.has(id))
  a.state.away = true
  for (let i = 0; i < 2; i++) await way.call(command, { n: 1 }, envelope())
  a.state.away = false
  await expect.poll(() => way.status().instances[0]!.healthy).toBe(false)
  const before = a.state.calls
  for (let i = 0; i < 4; i++) await way.call(command, { n: 1 }, envelope())
  expect(a.state.calls).toBe(before)
  passing.delete('b')
  b.state.away = true
  for (let i = 0; i < 6; i++) await way.call(command, { n: 1 }, envelope()).catch(() => undefined)
  await expect.poll(() => way.status().instances[1]!.healthy).toBe(false)
  for (let i = 0; i < 4; i++) await way.call(command, { n: 1 }, envelope()).catch(() => undefined)
  expect(a.state.calls).toBeGreaterThan(before)
})

test('a call that is answered asks its envelope for no signal', async () => {
  const connection = { call: async () => 'answered', feed: async () => undefined, [Symbol.asyncDispose]: async () => undefined }
  const way = keep(wayTo({ unit: 'sales', watch: (changed) => (changed([{ id: 'a' }]), { [Symbol.dispose]: () => undefined }), connect: () => connection }))
  let asked = 0
  const given = Object.defineProperty(envelope(), 'signal', { get: () => asked++ })
  expect(await way.call(command, { n: 1 }, given)).toBe('answered')
  expect(asked).toBe(0)
})

test('the status counts calls, repeats and what was refused, by why', async () => {
  const { way, change } = to([], { attempts: 2, breaker: { consecutiveFailures: 1 } })
  const call = (more: Parameters<typeof envelope>[0] = {}) => way.call(command, { n: 1 }, envelope(more))
  await expect(call()).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
  await expect(call({ deadline: Deadline.in(0) })).rejects.toMatchObject({ code: 'deadline_exceeded', executed: 'no' })
  change([await instance('a', answering)])
  await call()
  expect(way.status()).toMatchObject({ calls: 3, repeats: 1, refused: { full: 0, late: 1, broken: 0, absent: 1 } })
  const { retriesLeft } = way.status()
  change([await instance('b', breaking), await instance('c', breaking)])
  await expect(call()).rejects.toMatchObject({ executed: 'maybe' })
  await expect(call()).rejects.toMatchObject({ executed: 'no' })
  expect(way.status()).toMatchObject({ calls: 5, repeats: 2, retriesLeft: retriesLeft - 1, refused: { broken: 1 }, running: 0, waiting: 0, limit: 1_000 })
})

test('a unit without instances cannot be called', async () => {
  const { way } = to([])
  await expect(way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable', executed: 'no' })
})

test('what the callee answers is not repeated, not even that it is unavailable', async () => {
  let reached = 0
  const away: RequestListener = (_request, response) => {
    reached++
    const body = JSON.stringify(toProblem(new BanyanError('unavailable', 'its database is away'), { to: 'peer' }))
    response.writeHead(503, { 'content-type': 'application/problem+json' }).end(body)
  }
  const { way } = to([await instance('a', away), await instance('b', away)])
  await expect(way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'unavailable' })
  expect(reached).toBe(1)
})

test('what is leaving and did nothing is left for another instance, once; what may have been done there is not repeated', async () => {
  let reached = 0
  const leaving =
    (executed: 'no' | 'maybe'): RequestListener =>
    (_request, response) => {
      reached++
      const body = JSON.stringify(toProblem(new BanyanError('draining', 'it is shutting down', { executed }), { to: 'peer' }))
      response.writeHead(503, { 'content-type': 'application/problem+json' }).end(body)
    }
  const gone = await instance('gone', leaving('no'))
  const { way } = to([gone, await instance('b', answering)], { balancer: roundRobin() })
  expect(await way.call(command, { n: 1 }, envelope())).toEqual({ n: 2 })
  expect(reached).toBe(1)
  const all = to([gone, await instance('c', leaving('no')), await instance('d', leaving('no'))])
  await expect(all.way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'draining', executed: 'no' })
  expect(reached).toBe(3)
  const doubtful = to([await instance('e', leaving('maybe')), await instance('f', answering)], { balancer: roundRobin() })
  await expect(doubtful.way.call(command, { n: 1 }, envelope())).rejects.toMatchObject({ code: 'draining', executed: 'maybe' })
  expect(reached).toBe(4)
})

test('a late query is asked of another instance as well, a command never', async () => {
  const query = { ...command, kind: 'query' as const }
  let stuck = false
  const reached: string[] = []
  const sticking =
    (id: string): RequestListener =>
    (request, response) => {
      reached.push(id)
      if (!stuck || id === 'b') answering(request, response)
    }
  const { way } = to([await instance('a', sticking('a')), await instance('b', sticking('b'))], { hedging: {}, balancer: roundRobin() })
  for (let i = 0; i < 32; i++) await way.call(query, { n: 1 }, envelope())
  stuck = true
  reached.length = 0
  expect(await way.call(query, { n: 1 }, envelope())).toEqual({ n: 2 })
  expect(reached).toEqual(['a', 'b'])
  await way.call(query, { n: 1 }, envelope())
  const { hedged } = way.status().hedging!
  await expect(way.call({ ...command }, { n: 1 }, envelope({ deadline: Deadline.in(300) }))).rejects.toMatchObject({ code: 'deadline_exceeded' })
  expect(way.status().hedging!.hedged).toBe(hedged)
})

test('calls with one key go to one instance, and elsewhere only when it cannot take them', async () => {
  const taken: string[] = []
  const broken = new Set<string>()
  const noting =
    (id: string): RequestListener =>
    (request, response) => {
      if (!broken.has(id)) taken.push(id)
      return broken.has(id) ? breaking(request, response) : answering(request, response)
    }
  const instances = await Promise.all(['a', 'b', 'c'].map((id) => instance(id, noting(id))))
  const { way } = to(instances, { balancer: consistentHash(), key: (by) => by.identity.subject })
  const places = async () => {
    taken.length = 0
    for (let customer = 0; customer < 30; customer++) await way.call(command, { n: 1 }, envelope({ identity: identity({ subject: `customer ${customer}` }) }))
    return [...taken]
  }
  const first = await places()
  expect(new Set(first)).toEqual(new Set(['a', 'b', 'c']))
  expect(await places()).toEqual(first)
  broken.add('b')
  const without = await places()
  expect(without).toEqual(first.map((id) => (id === 'b' ? expect.stringMatching(/^[ac]$/) : id)))
})
