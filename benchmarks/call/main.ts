import { join } from 'node:path'
import { contenderProcess, type ContenderProcess } from '../contender-process.ts'
import { atMost, median, table, type Benchmark } from '../report.ts'

const ROUNDS = 60
const CALLS = 10_000
const WARM_UP = 200_000

const contenders = {
  plain: 'await fn(schema.parse(x))',
  banyan: 'Banyan',
  moleculer: 'Moleculer, observed',
  bareMoleculer: 'Moleculer, bare',
} as const
type Name = keyof typeof contenders
const names = Object.keys(contenders) as Name[]

const text = `Nanoseconds for a call from a handler of one service to a query of another in the same process; input of 10 fields, checked.
  ${contenders.plain}: nothing else.
  Banyan: a running unit; also access rule, deadline of its own under the caller's, trace context and idempotency key made when asked for,
    input and output by value, output checked and stripped. It records no span.
  Moleculer, observed: request timeout, metrics and spans that go nowhere; parameters by reference, output not checked.
  Moleculer, bare: its defaults: none of that.`

/** An in-process call between two services, beside the same function called directly and beside Moleculer. */
export const run: Benchmark = async (progress) => {
  const children = await Promise.all(names.map((name) => contenderProcess(join(import.meta.dirname, 'child.ts'), name)))
  try {
    const single = await measure(children, 1, progress)
    const many = await measure(children, 64, progress)
    const rows = names.map((name) => [contenders[name], ...cells(single, name), ...cells(many, name)])
    const ratios = (times: Times) => median(times.banyan.map((time, round) => time / times.plain[round]!))
    return {
      name: 'call',
      node: process.versions.node,
      runs: ROUNDS,
      goals: [
        atMost('a call, one after the other, beside the plain await', 2, ratios(single)),
        atMost('a call, 64 at a time, beside the plain await', 2, ratios(many)),
      ],
      text: `${table([['', '1 caller', 'ratio', '64 callers', 'ratio'], ...rows])}\n\n${text}`,
    }
  } finally {
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()))
  }
}

/** Nanoseconds per call, by round. */
type Times = Readonly<Record<Name, number[]>>

/** In short turns, so that what else happens on the machine happens to all. */
async function measure(children: readonly ContenderProcess[], callers: number, progress: (line: string) => void): Promise<Times> {
  progress(`${callers} at a time: warming up, then ${ROUNDS} rounds of ${CALLS} calls each`)
  for (const child of children) await nanoseconds(child, WARM_UP, callers)
  const times: Times = { plain: [], banyan: [], moleculer: [], bareMoleculer: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, name] of names.entries()) times[name].push((await nanoseconds(children[index]!, CALLS, callers)) / CALLS)
  }
  return times
}

function cells(times: Times, name: Name): [string, string] {
  const ratio = median(times[name].map((time, round) => time / times.plain[round]!))
  return [`${Math.round(median(times[name]))} ns`, `${ratio.toFixed(2)}×`]
}

async function nanoseconds(contender: ContenderProcess, count: number, callers: number): Promise<number> {
  return (await contender.ask({ count, callers })) as number
}
