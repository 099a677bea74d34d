import { join } from 'node:path'
import { testInstallation } from 'banyan/testing'
import pg from 'pg'
import { contenderProcess, type ContenderProcess } from '../contender-process.ts'
import { atLeast, median, table, type Benchmark, type Report } from '../report.ts'
import type { Told } from './child.ts'
import type { Place } from './contender.ts'
import { CONNECTIONS, loadGenerator, type LoadGenerator } from '../load/generator.ts'
import { inTurns, perSecond, turnOf, type Turn } from '../load/turns.ts'
import { example } from './order.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 3)

const contenders = { banyan: 'Banyan', pipelined: 'Fastify, an insert each', batched: 'Fastify, inserts in batches' } as const
type Name = keyof typeof contenders
const names = Object.keys(contenders) as Name[]

const remarks = `A command that is durable when it is answered: POST /orders with an order of two lines, 200 bytes, checked.
- Banyan: an event appended to a stream of its own under a version check, with the record of its idempotency key; access rule,
  deadline, trace context, correlation and causation; order of the log kept for subscribers.
- Fastify, an insert each: a row with id and body; a prepared statement, sent ahead on one of 8 connections. No version, no key: a repeat
  inserts twice. No events, no order to read them in; none of the rest.
- Fastify, inserts in batches: the same rows, all that waits in one statement, two on the way at a time. One bad row fails its batch.
Fastify checks with its own compiled validator, Banyan with zod.`

/** A durable, event-sourced command over HTTP, beside what one would write by hand for one insert. */
export const run: Benchmark = async (progress) => {
  await using installation = await testInstallation()
  const place = installation.options
  const load = await loadGenerator()
  const children = await Promise.all(names.map((name) => contenderProcess(join(import.meta.dirname, 'child.ts'), name)))
  try {
    const measured = await measure(children, place, load.generate, progress)
    return {
      name: 'http',
      node: process.versions.node,
      runs: RUNS,
      goals: goals(measured),
      text: [`${await serverOf(place)}; ${CONNECTIONS} connections, load by ${load.name}, turns of ${SECONDS} s`, tableOf(measured), remarks].join('\n\n'),
    }
  } finally {
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()))
  }
}

type Measured = Readonly<Record<Name, readonly Turn[]>>

function measure(children: readonly ContenderProcess[], place: Place, generate: LoadGenerator, progress: (line: string) => void): Promise<Measured> {
  const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(example) }
  const turn = (name: Name) => turnOf<Told>(children[names.indexOf(name)]!, place, ({ port }) => generate(`http://127.0.0.1:${port}/orders`, request, SECONDS))
  return inTurns(names, RUNS, turn, progress)
}

/** How many times the requests per second of a peer, in the same round. */
function times(measured: Measured, peer: Name): number {
  return median(measured.banyan.map((run, round) => perSecond(run) / perSecond(measured[peer][round]!)))
}

function goals(measured: Measured): Report['goals'] {
  return [
    atLeast('times the requests per second of Fastify with an insert each', 1, times(measured, 'pipelined')),
    atLeast('times the requests per second of Fastify with inserts in batches', 0.5, times(measured, 'batched')),
  ]
}

function tableOf(measured: Measured): string {
  const rows = names.map((name) => {
    const of = (figure: (turn: Turn) => number) => median(measured[name].map(figure))
    const ratio = name === 'banyan' ? '' : times(measured, name).toFixed(2)
    return [
      contenders[name],
      Math.round(of(perSecond)).toLocaleString('en'),
      of(({ p50 }) => p50).toFixed(1),
      of(({ p99 }) => p99).toFixed(1),
      of(({ processorTime }) => processorTime).toFixed(0),
      ratio,
    ]
  })
  return table([['', 'requests/s', 'p50 ms', 'p99 ms', 'Node µs each', 'Banyan is ×'], ...rows])
}

async function serverOf({ database }: Place): Promise<string> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  const { rows } = await client.query<{ text: string }>(
    `select 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit') as text`,
  )
  await client.end()
  return rows[0]!.text
}
