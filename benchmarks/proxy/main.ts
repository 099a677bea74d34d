import { join } from 'node:path'
import { contenderProcess } from '../contender-process.ts'
import { CONNECTIONS, loadGenerator, type Load } from '../load/generator.ts'
import { atLeast, median, table, type Benchmark } from '../report.ts'
import type { Told } from './child.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 2)

interface Run extends Load {
  readonly processorTime: number
}

const remarks = `POST /orders/o1 with a small body, answered with 80 bytes of JSON by a node:http server in a process of its own.
- undici.dispatch on node:http: passes on what comes, and does nothing else.
- Banyan: finds the route, refuses doubtful framing and paths, removes fields for one hop and what clients may not say, adds Forwarded,
  X-Forwarded-*, Via and a span, balances, breaks, counts, would repeat.
The microseconds of processor time change least with what else runs on the machine, so the goal is held against them.`

/** What passing the gateway costs, beside the least that a proxy in Node can cost. */
export const run: Benchmark = async (progress) => {
  const start = (name: string) => contenderProcess(join(import.meta.dirname, 'child.ts'), name)
  await using upstream = await start('backend')
  await using bare = await start('bare')
  await using banyan = await start('banyan')
  const { port } = (await upstream.ask({ upstream: '' })) as Told
  const origin = `http://127.0.0.1:${port}`
  const load = await loadGenerator()
  const turn = async (child: typeof bare): Promise<Run> => {
    const before = (await child.ask({ upstream: origin })) as Told
    const done = await load.generate(
      `http://127.0.0.1:${before.port}/orders/o1`,
      { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"note":"fast"}' },
      SECONDS,
    )
    if (done.failed > 0) throw new Error(`${done.failed} of ${done.requests} requests failed`)
    const after = (await child.ask({ upstream: origin })) as Told
    return { ...done, processorTime: (after.processorTime - before.processorTime) / done.requests }
  }
  progress('warming up')
  await turn(bare)
  await turn(banyan)
  const measured: { bare: Run; banyan: Run }[] = []
  for (let round = 0; round < RUNS; round++) {
    progress(`round ${round + 1} of ${RUNS}`)
    if (round % 2 === 0) measured.push({ bare: await turn(bare), banyan: await turn(banyan) })
    else {
      const second = await turn(banyan)
      measured.push({ bare: await turn(bare), banyan: second })
    }
  }
  const ratio = median(measured.map((round) => round.bare.processorTime / round.banyan.processorTime))
  const row = (name: string, runs: readonly Run[]) => [
    name,
    Math.round(median(runs.map((one) => one.requests / one.seconds))).toLocaleString('en'),
    median(runs.map(({ p99 }) => p99)).toFixed(1),
    median(runs.map(({ processorTime }) => processorTime)).toFixed(1),
  ]
  return {
    name: 'proxy',
    node: process.versions.node,
    runs: RUNS,
    goals: [atLeast('times the throughput of bare undici.dispatch for its processor time', 0.85, ratio)],
    text: [
      `${CONNECTIONS} connections, load by ${load.name}, turns of ${SECONDS} s`,
      table([
        ['', 'requests/s', 'p99 ms', 'Node µs each'],
        row(
          'undici.dispatch on node:http',
          measured.map((round) => round.bare),
        ),
        row(
          'Banyan, no policies',
          measured.map((round) => round.banyan),
        ),
      ]),
      remarks,
    ].join('\n\n'),
  }
}
