import { testInstallation } from 'banyan/testing'
import { atLeast, atMost, median, table, type Benchmark, type Report } from '../report.ts'
import type { Contender } from './contender.ts'
import { contenders, names, type Name } from './contenders.ts'
import { freePorts } from '../../packages/banyan/src/testing/free-ports.ts'
import { pairOf, type Pair, type Turn } from './pair.ts'
import { example, quote } from './quote.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 7)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 1.5)
const FLIGHT = 64

/** Calls between two processes on the loopback interface, beside what else there is for Node. */
export const run: Benchmark = async (progress) => {
  await using installation = await testInstallation()
  const pairs = new Map<Name, Pair>()
  try {
    const ports = await freePorts(2 * names.length)
    for (const [index, name] of names.entries()) {
      const place = { callee: ports[2 * index]!, caller: ports[2 * index + 1]!, options: installation.options }
      pairs.set(name, await pairOf(name, place))
    }
    const measured = await measure(pairs, progress)
    return { name: 'calls', node: process.versions.node, runs: RUNS, goals: goals(measured), text: await textOf(measured) }
  } finally {
    await Promise.all(Array.from(pairs.values(), (pair) => pair[Symbol.asyncDispose]()))
  }
}

interface Turns {
  readonly many: Turn[]
  readonly single: Turn[]
}
type Measured = Readonly<Record<Name, Turns>>

/** In short turns, beginning with another contender each time, so that what else happens on the machine happens to all. */
async function measure(pairs: ReadonlyMap<Name, Pair>, progress: (line: string) => void): Promise<Measured> {
  const measured = Object.fromEntries(names.map((name): [Name, Turns] => [name, { many: [], single: [] }])) as Measured
  progress('warming up')
  for (const pair of pairs.values()) await pair.turn(2 * SECONDS, FLIGHT)
  for (let round = 0; round < RUNS; round++) {
    progress(`round ${round + 1} of ${RUNS}`)
    for (let step = 0; step < names.length; step++) {
      const name = names[(step + round) % names.length]!
      measured[name].many.push(await pairs.get(name)!.turn(SECONDS, FLIGHT))
      measured[name].single.push(await pairs.get(name)!.turn(SECONDS / 3, 1))
    }
  }
  return measured
}

const perSecond = ({ calls, seconds }: Turn) => calls / seconds

/** Of both processes, which other work on the machine changes least. */
const processorTime = (turn: Turn) => (turn.processorTime + turn.calleeTime) / turn.calls

/** How many times the figure of a peer ours is, in the same round. */
function times(measured: Measured, peer: Name, figure: (turn: Turn) => number): number {
  return median(measured.banyan.many.map((turn, round) => figure(turn) / figure(measured[peer].many[round]!)))
}

function goals(measured: Measured): Report['goals'] {
  return [
    atLeast('times the calls per second of NestJS over TCP', 2, times(measured, 'nest', perSecond)),
    atLeast('times the calls per second of Moleculer over TCP', 2, times(measured, 'moleculer', perSecond)),
    atLeast('times the calls per second of grpc-js', 15, times(measured, 'grpc', perSecond)),
    atLeast('share of the calls per second of bare framing', 0.8, times(measured, 'bare', perSecond)),
    atMost(
      'share of the p99 of NestJS',
      0.5,
      times(measured, 'nest', ({ p99 }) => p99),
    ),
  ]
}

async function textOf(measured: Measured): Promise<string> {
  const loaded = await Promise.all(names.map((name): Promise<Contender> => contenders[name]()))
  const rows = names.map((name, index) => {
    const { many, single } = measured[name]
    const of = (turns: readonly Turn[], figure: (turn: Turn) => number) => median(turns.map(figure))
    return [
      loaded[index]!.name,
      Math.round(of(many, perSecond)).toLocaleString('en'),
      name === 'banyan' ? '' : times(measured, name, perSecond).toFixed(2),
      name === 'banyan' ? '' : (1 / times(measured, name, processorTime)).toFixed(2),
      of(many, ({ p50 }) => p50 / 1_000).toFixed(2),
      of(many, ({ p99 }) => p99 / 1_000).toFixed(2),
      of(many, ({ processorTime, calls }) => processorTime / calls).toFixed(1),
      of(many, ({ calleeTime, calls }) => calleeTime / calls).toFixed(1),
      of(many, ({ processorTime, seconds }) => processorTime / seconds / 10_000).toFixed(0),
      of(single, ({ p50 }) => p50).toFixed(0),
      of(single, ({ p99 }) => p99).toFixed(0),
    ]
  })
  const header = ['', 'calls/s', 'Banyan is ×', 'by CPU ×', 'p50 ms', 'p99 ms', 'caller µs', 'callee µs', 'caller CPU %', 'alone p50 µs', 'alone p99 µs']
  const bytes = (value: object) => JSON.stringify(value).length
  return [
    `Two processes on 127.0.0.1, ${FLIGHT} calls in flight, then one alone; ${bytes(example)} bytes of JSON there, ${bytes(quote(example))} back; turns of ${SECONDS} s.
µs: processor time of each process for a call. CPU %: of the calling process, which is also the load generator; 100 is one processor.
By CPU ×: the processor time of the other's two processes for a call, in those of Banyan; on a busy machine it says more than calls/s.`,
    table([header, ...rows]),
    ['What they do:', ...loaded.map(({ name, remarks }) => `- ${name}: ${remarks}`)].join('\n'),
  ].join('\n\n')
}
