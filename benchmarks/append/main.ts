import pg from 'pg'
import { atLeast, median, table, type Report } from '../report.ts'
import { benchDatabase, type BenchDatabase } from './database.ts'
import { measureHot, measureStreams, type Measured } from './measure.ts'
import type { Peer, PeerKind } from './peer.ts'
import { banyan, banyanKeyed } from './peers/banyan.ts'
import { batched } from './peers/batched.ts'
import { emmett } from './peers/emmett.ts'
import { oneCall } from './peers/one-call.ts'

const peers: readonly PeerKind[] = [banyan, banyanKeyed, emmett, oneCall, batched]
const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 1)

/** Makes every flush of the log take 2 ms longer, as on a network disk, also for a lone commit: locks are held meanwhile, and commits that come together share it. */
const slowCommits = '-c commit_delay=2000 -c commit_siblings=0'

interface Scenario {
  readonly name: string
  readonly flight: number
  readonly slow: boolean
  readonly hot: boolean
}

const scenarios: readonly Scenario[] = [false, true].flatMap((slow) => [
  ...[1, 16, 256].map((flight) => ({ name: `${flight} in flight`, flight, slow, hot: false })),
  { name: '16 in flight, all to one stream', flight: 16, slow, hot: true },
])

type Figures = ReadonlyMap<PeerKind, Measured>

/** Appends of two events with a version check. Every run measures each peer in turn, beginning with another each time. */
export async function run(progress: (line: string) => void): Promise<Report> {
  await using database = await benchDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  for (const peer of peers) await peer.prepare(client)
  await client.end()
  const figures = new Map<Scenario, Figures>()
  for (const scenario of scenarios) {
    if (scenario.slow && !database.superuser) {
      progress(`skipped ${titleOf(scenario)}: commit_delay can be set by a superuser only`)
      continue
    }
    progress(`measuring ${titleOf(scenario)}`)
    figures.set(scenario, await measureScenario(scenario, database))
  }
  return {
    name: 'append',
    node: process.versions.node,
    runs: RUNS,
    goals: goals(figures),
    text: [database.server, ...[...figures].map(tableOf), remarks()].join('\n\n'),
  }
}

async function measureScenario(scenario: Scenario, database: BenchDatabase): Promise<Figures> {
  const { flight, hot, slow } = scenario
  const setup = { connection: { connectionString: database.url, ...(slow ? { options: slowCommits } : {}) }, flight }
  const open = new Map<PeerKind, Peer>()
  const measured = new Map<PeerKind, Measured[]>(peers.map((peer) => [peer, []]))
  const measure = hot ? measureHot : measureStreams
  try {
    for (const kind of peers) open.set(kind, await kind.start(setup))
    for (const peer of open.values()) await measure(peer, flight, SECONDS / 2)
    for (let round = 0; round < RUNS; round++) {
      for (let turn = 0; turn < peers.length; turn++) {
        const kind = peers[(turn + round) % peers.length]!
        measured.get(kind)!.push(await measure(open.get(kind)!, flight, SECONDS))
      }
    }
  } finally {
    for (const peer of open.values()) await peer[Symbol.asyncDispose]()
  }
  return new Map([...measured].map(([kind, runs]) => [kind, mediansOf(runs)]))
}

function mediansOf(runs: readonly Measured[]): Measured {
  const of = (pick: (measured: Measured) => number) => median(runs.map(pick))
  return { perSecond: of((one) => one.perSecond), p50: of((one) => one.p50), p99: of((one) => one.p99) }
}

function goals(figures: ReadonlyMap<Scenario, Figures>): Report['goals'] {
  const ratio = (flight: number, peer: PeerKind) => {
    const [, found] = [...figures].find(([scenario]) => scenario.flight === flight && !scenario.slow && !scenario.hot)!
    return found.get(banyan)!.perSecond / found.get(peer)!.perSecond
  }
  return [
    atLeast('times the appends per second of emmett-postgresql, 256 in flight', 10, ratio(256, emmett)),
    atLeast('share of the limit, 256 in flight', 0.7, ratio(256, batched)),
    // not slower; the rest is noise
    atLeast('times the appends per second of one call each, 1 in flight', 1, ratio(1, oneCall)),
  ]
}

function tableOf([scenario, figures]: [Scenario, Figures]): string {
  const rows = [...figures].map(([{ name }, { perSecond, p50, p99 }]) => [
    name,
    Math.round(perSecond).toLocaleString('en'),
    p50.toFixed(2),
    p99.toFixed(2),
    (perSecond / figures.get(emmett)!.perSecond).toFixed(1),
  ])
  return table([[titleOf(scenario), 'appends/s', 'p50 ms', 'p99 ms', '× emmett'], ...rows])
}

function titleOf({ name, slow }: Scenario): string {
  return slow ? `${name}, +2 ms per commit` : name
}

function remarks(): string {
  return [
    'What they do:',
    ...peers.map(({ name, remarks }) => `- ${name}: ${remarks}`),
    '- To one stream: banyan decides on what is submitted and not yet committed; the others append one at a time, since each must know the version before.',
  ].join('\n')
}
