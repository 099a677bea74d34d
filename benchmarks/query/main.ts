import { join } from 'node:path'
import { testInstallation } from 'banyan/testing'
import { contenderProcess } from '../contender-process.ts'
import { CONNECTIONS, loadGenerator } from '../load/generator.ts'
import { inTurns, perSecond, turnOf, type Turn } from '../load/turns.ts'
import { atLeast, median, table, type Benchmark } from '../report.ts'
import type { Told } from './child.ts'
import { SKU } from './product.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 3)

const contenders = { bare: 'Fastify with schema', hosted: 'Banyan', cached: 'Banyan, from its cache', everybody: 'the same, for everybody' } as const
type Name = keyof typeof contenders
const names = Object.keys(contenders) as Name[]

const remarks = `GET /products/:sku, an answer of 220 bytes from memory.
- Fastify with schema: parameters checked and the answer written by its compiled schemas. No log-in, no limit, no trace, no deadline.
- Banyan: a JWT that was verified before, an access rule, a limit for each user, a trace, a deadline, a session; input checked and output
  stripped by zod.
- From its cache: the same, but the answer is a text that is there already, with an entity tag and its age.
- For everybody: nobody is asked who they are, and nothing is limited.`

/** A hosted query over HTTP beside Fastify with a schema. */
export const run: Benchmark = async (progress) => {
  await using installation = await testInstallation()
  const load = await loadGenerator()
  const children = await Promise.all(names.map((name) => contenderProcess(join(import.meta.dirname, 'child.ts'), name)))
  try {
    const turn = (name: Name) =>
      turnOf<Told>(children[names.indexOf(name)]!, installation.options, ({ port, headers }) =>
        load.generate(`http://127.0.0.1:${port}/products/${SKU}`, { method: 'GET', headers }, SECONDS),
      )
    const measured = await inTurns(names, RUNS, turn, progress)
    const times = (name: Name) => median(measured[name].map((each, round) => perSecond(each) / perSecond(measured.bare[round]!)))
    const rows = names.map((name) => {
      const of = (figure: (turn: Turn) => number) => median(measured[name].map(figure))
      const figures = [Math.round(of(perSecond)).toLocaleString('en'), of(({ p50 }) => p50).toFixed(1), of(({ p99 }) => p99).toFixed(1)]
      return [contenders[name], ...figures, of(({ processorTime }) => processorTime).toFixed(0), times(name).toFixed(2)]
    })
    return {
      name: 'query',
      node: process.versions.node,
      runs: RUNS,
      goals: [
        atLeast('share of the requests per second of Fastify with schema', 0.7, times('hosted')),
        atLeast('the same, answered from the cache', 0.9, times('cached')),
        atLeast('answered from the cache to everybody', 0.9, times('everybody')),
      ],
      text: [
        `${CONNECTIONS} connections, load by ${load.name}, turns of ${SECONDS} s`,
        table([['', 'requests/s', 'p50 ms', 'p99 ms', 'Node µs each', '× Fastify'], ...rows]),
        remarks,
      ].join('\n\n'),
    }
  } finally {
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()))
  }
}
