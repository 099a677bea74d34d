import { join } from 'node:path'
import { contenderProcess, type ContenderProcess } from '../contender-process.ts'
import { CONNECTIONS, loadGenerator, type Load, type LoadRequest } from '../load/generator.ts'
import { atLeast, median, table, type Benchmark, type Goal } from '../report.ts'
import type { Told } from './child.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 2)

const requests = {
  GET: { method: 'GET', headers: {} },
  POST: { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"note":"fast"}' },
} satisfies Record<string, LoadRequest>
const names = { bare: 'undici.dispatch on node:http', httpProxy: '@fastify/http-proxy', banyan: 'Banyan, no policies' }

interface Run extends Load {
  readonly processorTime: number
}

type Round = Record<keyof typeof names, Run>

const remarks = `/orders/o1, POST with a small body, answered with 80 bytes of JSON by a node:http server in a process of its own.
- undici.dispatch on node:http: passes on what comes, and does nothing else.
- @fastify/http-proxy: removes fields for one hop, and says nothing of the client.
- Banyan: finds the route, refuses doubtful framing and paths, removes fields for one hop and what clients may not say, adds Forwarded,
  X-Forwarded-*, Via and a span, balances, breaks, counts, would repeat.
All have an undici.Pool of the same settings. The microseconds of processor time change least with what else runs on the machine, so the
goals are held against them.`

/** What passing the gateway costs, beside the least that a proxy in Node can cost and beside what most use. */
export const run: Benchmark = async (progress) => {
  const start = (name: string) => contenderProcess(join(import.meta.dirname, 'child.ts'), name)
  await using upstream = await start('backend')
  await using bare = await start('bare')
  await using httpProxy = await start('httpProxy')
  await using banyan = await start('banyan')
  const { port } = (await upstream.ask({ upstream: '' })) as Told
  const origin = `http://127.0.0.1:${port}`
  const load = await loadGenerator()
  const turn = async (child: ContenderProcess, request: LoadRequest): Promise<Run> => {
    const before = (await child.ask({ upstream: origin })) as Told
    const done = await load.generate(`http://127.0.0.1:${before.port}/orders/o1`, request, SECONDS)
    if (done.failed > 0) throw new Error(`${done.failed} of ${done.requests} requests failed`)
    const after = (await child.ask({ upstream: origin })) as Told
    return { ...done, processorTime: (after.processorTime - before.processorTime) / done.requests }
  }
  const round = async (request: LoadRequest, turned: boolean): Promise<Round> => {
    const order = Object.entries({ bare, httpProxy, banyan })
    const runs: Partial<Record<string, Run>> = {}
    for (const [name, child] of turned ? order.reverse() : order) runs[name] = await turn(child, request)
    return runs as Round
  }

  const goals: Goal[] = []
  const texts: string[] = [`${CONNECTIONS} connections, load by ${load.name}, turns of ${SECONDS} s`]
  for (const [method, request] of Object.entries(requests)) {
    progress(`${method}: warming up`)
    await round(request, false)
    const rounds: Round[] = []
    for (let number = 0; number < RUNS; number++) {
      progress(`${method}: round ${number + 1} of ${RUNS}`)
      rounds.push(await round(request, number % 2 === 1))
    }
    const ratio = (name: keyof Round) => median(rounds.map((one) => one[name].processorTime / one.banyan.processorTime))
    goals.push(atLeast(`${method}: times the throughput of bare undici.dispatch for its processor time`, 0.85, ratio('bare')))
    goals.push(atLeast(`${method}: times the throughput of @fastify/http-proxy for its processor time`, 1.7, ratio('httpProxy')))
    texts.push(
      table([
        [method, 'requests/s', 'p99 ms', 'Node µs each'],
        ...Object.entries(names).map(([name, text]) =>
          row(
            text,
            rounds.map((one) => one[name as keyof Round]),
          ),
        ),
      ]),
    )
  }
  return { name: 'proxy', node: process.versions.node, runs: RUNS, goals, text: [...texts, remarks].join('\n\n') }
}

function row(name: string, runs: readonly Run[]): readonly string[] {
  const middle = (of: (run: Run) => number) => median(runs.map(of))
  return [
    name,
    Math.round(middle((run) => run.requests / run.seconds)).toLocaleString('en'),
    middle(({ p99 }) => p99).toFixed(1),
    middle(({ processorTime }) => processorTime).toFixed(1),
  ]
}
