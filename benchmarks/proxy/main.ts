import { join } from 'node:path'
import { contenderProcess } from '../contender-process.ts'
import { CONNECTIONS, loadGenerator, type LoadRequest } from '../load/generator.ts'
import { inTurns, perSecond, turnOf, type Turn } from '../load/turns.ts'
import { atLeast, median, table, type Benchmark, type Goal } from '../report.ts'
import type { Told } from './child.ts'
import { startNginx } from './nginx.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 2)

const requests = {
  GET: { method: 'GET', headers: {} },
  POST: { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"note":"fast"}' },
} satisfies Record<string, LoadRequest>
const contenders = {
  bare: 'undici.dispatch on node:http',
  httpProxy: '@fastify/http-proxy',
  banyan: 'Banyan, no policies',
  guarded: 'Banyan, log-in and limit',
  nginx: 'nginx, one worker',
} as const
type Name = keyof typeof contenders

const remarks = `/orders/o1, POST with a small body, answered with 80 bytes of JSON by a node:http server in a process of its own.
- undici.dispatch on node:http: passes on what comes, and does nothing else.
- @fastify/http-proxy: removes fields for one hop, and says nothing of the client.
- Banyan: finds the route, refuses doubtful framing and paths, removes fields for one hop and what clients may not say, adds Forwarded,
  X-Forwarded-*, Via and a span, balances, breaks, counts, would repeat.
- With log-in and limit: each request brings a JWT, which is verified and remembered, and a trace; the user's bucket is counted.
- nginx: for comparison; it is not written in JavaScript.
The first two have an undici.Pool with the settings of Banyan's own client. The microseconds of processor time change least with what else runs
on the machine, so the goals are held against them. Reading and writing sockets is the same for all in Node: where the kernel takes long for it, as in
virtual machines, the ratios are nearer to 1.`

/** What passing the gateway costs, beside the least that a proxy in Node can cost, beside what most use, and beside nginx. */
export const run: Benchmark = async (progress) => {
  const start = (name: string) => contenderProcess(join(import.meta.dirname, 'child.ts'), name)
  await using upstream = await start('backend')
  await using bare = await start('bare')
  await using httpProxy = await start('httpProxy')
  await using banyan = await start('banyan')
  await using guarded = await start('guarded')
  const { port } = (await upstream.ask({ upstream: '' })) as Told
  const origin = `http://127.0.0.1:${port}`
  await using nginx = await startNginx(origin)
  const load = await loadGenerator()

  const children = { bare, httpProxy, banyan, guarded, ...(nginx && { nginx: { ask: async () => told(nginx) } }) }
  const names = Object.keys(children) as Name[]
  const goals: Goal[] = []
  const texts: string[] = [`${CONNECTIONS} connections, load by ${load.name}, turns of ${SECONDS} s${nginx ? '' : '; nginx is not installed'}`]
  for (const [method, request] of Object.entries(requests)) {
    const turn = (name: Name): Promise<Turn> =>
      turnOf<Told>(children[name]!, { upstream: origin }, ({ port: at, headers }) =>
        load.generate(`http://127.0.0.1:${at}/orders/o1`, { ...request, headers: { ...request.headers, ...headers } }, SECONDS),
      )
    const measured = await inTurns(names, RUNS, turn, (line) => progress(`${method}: ${line}`))
    const times = (one: Name, other: Name) => median(measured[one].map(({ processorTime }, round) => measured[other][round]!.processorTime / processorTime))
    goals.push(atLeast(`${method}: times the throughput of bare undici.dispatch for its processor time`, 0.85, times('banyan', 'bare')))
    goals.push(atLeast(`${method}: the same with log-in, limit and trace`, 0.65, times('guarded', 'bare')))
    goals.push(atLeast(`${method}: times the throughput of @fastify/http-proxy for its processor time`, 1.7, times('banyan', 'httpProxy')))
    texts.push(
      table([
        [method, 'requests/s', 'p99 ms', 'µs each', '× bare'],
        ...names.map((name) => {
          const middle = (of: (turn: Turn) => number) => median(measured[name].map(of))
          const figures = [middle(perSecond), middle(({ p99 }) => p99), middle(({ processorTime }) => processorTime)] as const
          return [contenders[name], Math.round(figures[0]).toLocaleString('en'), figures[1].toFixed(1), figures[2].toFixed(1), times(name, 'bare').toFixed(2)]
        }),
      ]),
    )
  }
  return { name: 'proxy', node: process.versions.node, runs: RUNS, goals, text: [...texts, remarks].join('\n\n') }
}

async function told(nginx: NonNullable<Awaited<ReturnType<typeof startNginx>>>): Promise<Told> {
  return { port: nginx.port, headers: {}, processorTime: await nginx.processorTime() }
}
