import { testInstallation } from 'banyan/testing'
import { atLeast, atMost, median, quantile, table, type Benchmark, type Report } from '../report.ts'
import { openTill, type Till } from './till.ts'

const LINES = 10
const PRODUCTS = 1_000
const FLIGHT = 256
const STARTS = 5
const QUERIES = 2_000
const SMALL = 20_000
const LARGE = Number(process.env['BENCH_EVENTS'] ?? 1_000_000)

const remarks = `One service, ${LINES} events to a stream, one projection with a row for each event and a sum for each product (two statements an event).
Starts and queries are of this process: \`start()\` until the first answer, then one query after the other. \`byId\` replays a stream,
\`newest\` reads 20 of a product's lines, \`top\` the ten largest sums. Rebuild: a new version of the projection, from the first event on.`

interface Measured {
  readonly events: number
  readonly startMs: number
  readonly queries: Readonly<Record<Query, { readonly p50: number; readonly p99: number }>>
  readonly writtenPerSecond: number
  readonly rebuiltPerSecond: number
}
const queries = ['byId', 'newest', 'top'] as const
type Query = (typeof queries)[number]

/** Whether a service with a million events starts, answers and rebuilds as one with few does. */
export const run: Benchmark = async (progress) => {
  const small = await measure(SMALL, progress)
  const large = await measure(LARGE, progress)
  return {
    name: 'scale',
    node: process.versions.node,
    runs: 1,
    goals: goals(small, large),
    text: [tableOf([small, large]), remarks].join('\n\n'),
  }
}

async function measure(events: number, progress: (line: string) => void): Promise<Measured> {
  await using installation = await testInstallation()
  const place = installation.options
  progress(`${events} events: writing`)
  const first = await openTill(place, 1)
  const written = await timed(() => write(first, events / LINES))
  progress(`${events} events: catching up`)
  await caughtUp(first)
  await first[Symbol.asyncDispose]()
  progress(`${events} events: starting`)
  const starts = []
  for (let index = 0; index < STARTS; index++) starts.push(await timed(async () => startOnce(place)))
  progress(`${events} events: asking`)
  const asked = await openTill(place, 1)
  const latencies = await ask(asked, written.value)
  await asked[Symbol.asyncDispose]()
  progress(`${events} events: rebuilding`)
  const next = await openTill(place, 2)
  const rebuilt = await timed(() => caughtUp(next))
  await next[Symbol.asyncDispose]()
  return {
    events,
    startMs: median(starts.map(({ ms }) => ms)),
    queries: latencies,
    writtenPerSecond: (events / written.ms) * 1_000,
    rebuiltPerSecond: (events / rebuilt.ms) * 1_000,
  }
}

/** Sells with so many sales under way at a time; answers some of their ids. */
async function write(till: Till, sales: number): Promise<readonly string[]> {
  const some: string[] = []
  let next = 0
  const seller = async () => {
    while (next < sales) {
      const number = next++
      const lines = Array.from({ length: LINES }, (_, line) => ({ product: `product ${(number * 7 + line * 131) % PRODUCTS}`, quantity: 1 + (line % 3) }))
      const { sale } = await till.call.till.sell({ lines })
      if (some.length < 1_000) some.push(sale)
    }
  }
  await Promise.all(Array.from({ length: FLIGHT }, seller))
  return some
}

/** `quiet` gives up after a minute, which a large log may need. */
async function caughtUp(till: Till): Promise<void> {
  for (;;) {
    try {
      return await till.quiet()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'deadline_exceeded') throw error
    }
  }
}

async function startOnce(place: Parameters<typeof openTill>[0]): Promise<void> {
  await using till = await openTill(place, 1)
  await till.call.till.top()
}

async function ask({ call }: Till, sales: readonly string[]): Promise<Measured['queries']> {
  const product = (index: number) => `product ${(index * 37) % PRODUCTS}`
  const once: Record<Query, (index: number) => Promise<unknown>> = {
    byId: (index) => call.till.byId({ sale: sales[index % sales.length]! }),
    newest: (index) => call.till.newest({ product: product(index) }),
    top: () => call.till.top(),
  }
  const measured = {} as Record<Query, { p50: number; p99: number }>
  for (const query of queries) {
    const times: number[] = []
    for (let index = 0; index < QUERIES; index++) times.push((await timed(() => once[query](index))).ms)
    const warm = times.slice(QUERIES / 10)
    measured[query] = { p50: median(warm), p99: quantile(warm, 0.99) }
  }
  return measured
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const began = performance.now()
  const value = await work()
  return { value, ms: performance.now() - began }
}

function goals(small: Measured, large: Measured): Report['goals'] {
  return [
    atMost('times the start with few events', 2, large.startMs / small.startMs),
    ...queries.map((query) => atMost(`times the latency of ${query} with few events (p50)`, 2, large.queries[query].p50 / small.queries[query].p50)),
    atLeast('times the rate of a rebuild with few events', 0.5, large.rebuiltPerSecond / small.rebuiltPerSecond),
  ]
}

function tableOf(all: readonly Measured[]): string {
  const row = (name: string, figure: (measured: Measured) => number, digits = 0) => [
    name,
    ...all.map((measured) => figure(measured).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })),
  ]
  return table([
    row('events', ({ events }) => events),
    row('start, ms', ({ startMs }) => startMs),
    ...queries.flatMap((query) => [
      row(`${query}, p50 ms`, (measured) => measured.queries[query].p50, 2),
      row(`${query}, p99 ms`, (measured) => measured.queries[query].p99, 2),
    ]),
    row('written, events/s', ({ writtenPerSecond }) => writtenPerSecond),
    row('rebuilt, events/s', ({ rebuiltPerSecond }) => rebuiltPerSecond),
  ])
}
