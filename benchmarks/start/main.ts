import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { atMost, median, table, type Benchmark } from '../report.ts'
import { memoryOf, serverProcesses, type Memory } from './memory.ts'
import { shopProcess } from './shop-process.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
/** Until what the start has set off has come to rest. */
const IDLE_MS = 2_000

const remarks = `The shop of examples/shop (4 services) as a whole process: \`node\` until GET /products is answered from the database.
The first start makes the database (initdb), its roles and schemas, and applies all migrations. PostgreSQL: server and all its processes.`

interface Run {
  readonly first: number
  readonly next: number
  readonly node: Memory | undefined
  readonly postgres: Memory | undefined
}

/** From nothing to the first answer, and again; and what it takes when nothing happens. */
export const run: Benchmark = async (progress) => {
  const runs: Run[] = []
  for (let number = 1; number <= RUNS; number++) {
    progress(`run ${number} of ${RUNS}`)
    runs.push(await measure())
  }
  const first = median(runs.map((one) => one.first))
  const next = median(runs.map((one) => one.next))
  return {
    name: 'start',
    node: process.versions.node,
    runs: RUNS,
    goals: [atMost('seconds from nothing to the first answer', 2.5, first / 1_000), atMost('seconds of a later start to the first answer', 1, next / 1_000)],
    text: [timeTable(runs), memoryTable(runs), remarks].join('\n\n'),
  }
}

async function measure(): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'banyan-bench-start-'))
  await chmod(directory, 0o755) // where root runs this, the server's own user has to pass through
  try {
    const first = await shopProcess(directory)
    await first[Symbol.asyncDispose]()
    await using next = await shopProcess(directory)
    await after(IDLE_MS)
    return { first: first.startMs, next: next.startMs, node: memoryOf(next.pid), postgres: memoryOf(...serverProcesses(directory)) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function timeTable(runs: readonly Run[]): string {
  const row = (name: string, pick: (run: Run) => number) => {
    const found = runs.map(pick)
    return [name, `${Math.round(median(found))} ms`, `${Math.round(Math.min(...found))} ms`]
  }
  return table([['to the first answer', 'median', 'fastest'], row('first start', ({ first }) => first), row('a later start', ({ next }) => next)])
}

function memoryTable(runs: readonly Run[]): string {
  const row = (name: string, pick: (run: Run) => Memory | undefined) => {
    const found = runs.flatMap((run) => pick(run) ?? [])
    const megabytes = (figure: (memory: Memory) => number) => (found.length === 0 ? 'not told' : `${Math.round(median(found.map(figure)))} MiB`)
    return [name, megabytes(({ rss }) => rss), megabytes(({ pss }) => pss)]
  }
  return table([['idle after a start', 'RSS', 'PSS'], row('Node', ({ node }) => node), row('PostgreSQL', ({ postgres }) => postgres)])
}
