import { atMost, median, table, type Benchmark } from '../report.ts'
import { Line, type First } from '../../packages/banyan/test/bad-days/line.ts'
import { load, type Outcomes } from '../../packages/banyan/test/bad-days/load.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 7)
const INSTANCES = 5
const CALLS = 4_000
const FLIGHT = 16
const HEALTHY_MS = 4
const SLOW_MS = 50 * HEALTHY_MS

/** Calls to five instances in processes of their own, all alike, and with one that is fifty times slower. Hedging is off. */
export const run: Benchmark = async (progress) => {
  await using line = await Line.open({ lasts: INSTANCES })
  const runs: { readonly healthy: Outcomes; readonly slow: Outcomes }[] = []
  for (let number = 1; number <= RUNS; number++) {
    progress(`run ${number} of ${RUNS}`)
    // a caller that knows nothing yet of any of them
    runs.push(await pair(line, await line.first()))
  }
  const share = ({ by, calls }: Outcomes) => (by['last1'] ?? 0) / calls
  const row = (name: 'healthy' | 'slow') => {
    const of = (figure: (outcomes: Outcomes) => number) => median(runs.map((each) => figure(each[name])))
    return [
      name === 'healthy' ? 'all alike' : 'one of them slow',
      of(({ p99 }) => p99).toFixed(1),
      (100 * of(share)).toFixed(2),
      Math.round(of((each) => each.calls / each.seconds)).toString(),
    ]
  }
  return {
    name: 'slow-instance',
    node: process.versions.node,
    runs: RUNS,
    goals: [atMost('p99 with one slow instance, times that of five alike', 1.5, median(runs.map(({ healthy, slow }) => slow.p99 / healthy.p99)))],
    text: `${table([['', 'p99 ms', 'its share %', 'calls/s'], row('healthy'), row('slow')])}

${CALLS} calls, ${FLIGHT} at a time, to ${INSTANCES} processes that take ${HEALTHY_MS} ms for each; then one of them takes ${SLOW_MS} ms, by waiting. Load: at
most ${Math.round((FLIGHT / HEALTHY_MS) * 1_000)} calls a second, so that four instances are enough. No call is hedged, and none failed.`,
  }
}

async function pair(line: Line, first: First): Promise<{ readonly healthy: Outcomes; readonly slow: Outcomes }> {
  const ask = () => first.call.last.ask({})
  await Promise.all(line.lasts.map((last) => last.tell({ waitMs: HEALTHY_MS })))
  const healthy = await load(ask, { calls: CALLS, flight: FLIGHT })
  await line.lasts[1]!.tell({ waitMs: SLOW_MS })
  const slow = await load(ask, { calls: CALLS, flight: FLIGHT })
  for (const { failed } of [healthy, slow]) if (Object.keys(failed).length > 0) throw new Error(`calls failed: ${JSON.stringify(failed)}`)
  return { healthy, slow }
}
