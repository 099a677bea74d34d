import { Agent, get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test, vi } from 'vitest'
import { backend, policy, route, serving, upstream, type Backend } from '../../test/gateway/fixture.ts'
import type { GatewayConfig } from './config.ts'

/** GATEWAY_RELOADS=1000 is the long form. */
const RELOADS = Number(process.env['GATEWAY_RELOADS'] ?? 200)
const CLIENTS = 3
/** Configurations that may still be looked at: the one in use, the last one before it, and what an optimised frame holds. */
const HELD = 5
/** Bytes that the heap may have grown by: an upstream that is not let go costs 50,000, what the test itself notes a few hundred. */
const HEAP = 2_000_000 + 4_000 * RELOADS

const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function saying(status: number, word: string): Promise<Backend> {
  const there = await backend((_request, response) => response.writeHead(status).end(word))
  stack.push(there)
  return there
}

/** An agent of its own, so that its connections are known to be gone. */
function client(): Agent & Disposable {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() })
}

async function asked(url: string, agent: Agent): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => get(url, { agent }, resolve).on('error', reject))
  return `${answer.statusCode} ${await text(answer)}`
}

function collect(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

/** The resources that keep a process alive or cost it a descriptor, by kind. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'Timeout').length
}

test(
  `${RELOADS} configurations one after the other while clients ask: each answer is of one of them, and nothing of them stays`,
  { timeout: 120_000 },
  async () => {
    const [one, two] = await Promise.all([saying(200, 'one'), saying(201, 'two')])
    const policies = [policy('security-headers'), policy('limit', '1000000/s'), policy('cache')]
    const of = (i: number): GatewayConfig => ({
      upstreams: { all: upstream('all', [i % 2 === 0 ? one.url : two.url], { health: { path: '/', intervalMs: 1_000 } }) },
      routes: [
        route('all', {}, i % 4 < 2 ? policies : []),
        route('', { path: '/own' }, [policy('answer', { status: 202, body: i % 2 === 0 ? 'one' : 'two' })], 'own'),
      ],
    })
    const edge = await serving(of(0))
    stack.push(edge)
    using agent = client()

    const seen = new Map<string, number>()
    const over = new AbortController()
    const asking = Array.from({ length: CLIENTS }, async (_, index) => {
      while (!over.signal.aborted) {
        const answer = await asked(index === 0 ? `${edge.url}/own` : edge.url, agent)
        seen.set(answer, (seen.get(answer) ?? 0) + 1)
      }
    })
    const loaded: WeakRef<object>[] = []
    const reload = async (i: number) => {
      const config = of(i)
      loaded.push(new WeakRef(config.upstreams['all']!))
      await edge.load(config)
      // what is asked after a load is answered by what was loaded
      expect(await asked(edge.url, agent)).toBe(i % 2 === 0 ? '200 one' : '201 two')
      expect(await asked(`${edge.url}/own`, agent)).toBe(i % 2 === 0 ? '202 one' : '202 two')
    }
    for (let i = 1; i <= 40; i++) await reload(i)
    const [heapBefore, handlesBefore] = [collect(), handles()]
    for (let i = 41; i <= RELOADS + 40; i++) await reload(i)
    over.abort()
    await Promise.all(asking)

    expect([...seen.keys()].sort()).toEqual(['200 one', '201 two', '202 one', '202 two'])
    await vi.waitFor(() => {
      const heap = collect()
      const alive = loaded.filter((one) => one.deref() !== undefined).length
      expect(handles()).toBeLessThanOrEqual(handlesBefore)
      expect(heap - heapBefore).toBeLessThan(HEAP)
      expect(alive).toBeLessThanOrEqual(HELD)
    }, 60_000)
  },
)
