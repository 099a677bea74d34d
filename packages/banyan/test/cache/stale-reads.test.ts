import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { NO_REDIS, sharedRedis, testPrefix } from '../redis.ts'
import type { ReaderOrder, ReaderReport } from './stale-reader-process.ts'

const program = fileURLToPath(new URL('./stale-reader-process.ts', import.meta.url))
/** What the cache promises, in microseconds. */
const PROMISE = 100_000

async function reader(order: ReaderOrder): Promise<ReaderReport> {
  const child = fork(program, [JSON.stringify(order)])
  const exit = once(child, 'exit')
  const [report] = await Promise.race([
    once(child, 'message'),
    exit.then(([code]) => {
      throw new Error(`the reader with the seed ${order.seed} ended with ${code} before it was done`)
    }),
  ])
  await exit
  return report as ReaderReport
}

test(
  'no process serves what was invalidated 100 ms before it was asked, by the clock of the server, whatever message was lost and whatever was loaded late',
  { timeout: 120_000 },
  async ({ skip }) => {
    const url = await sharedRedis()
    if (url === undefined) return skip(NO_REDIS)
    const prefix = testPrefix()
    const reports = await Promise.all([false, true, true, false].map((deaf, index) => reader({ url, prefix, seed: index + 1, deaf, reads: 800 })))
    const written = reports.flatMap((report) => report.written)
    const stale = reports.flatMap(({ served }, process) =>
      served.flatMap(({ key, value, askedAt }) =>
        written
          // both times lie on the safe side: the invalidation was committed before `at`, and the answer was given after `askedAt`
          .filter((one) => one.key === key && one.value > value && one.at < askedAt - PROMISE)
          .map((one) => `process ${process} served ${key}=${value}, though ${one.value} was there ${Math.round((askedAt - one.at) / 1_000)} ms before`),
      ),
    )
    expect(stale).toEqual([])
    const sum = (of: (report: ReaderReport) => number) => reports.reduce((all, report) => all + of(report), 0)
    // it was a test of what it says: much came from memory, messages were lost, and loads were late
    expect(written.length).toBeGreaterThan(50)
    expect(sum(({ hits }) => hits)).toBeGreaterThan(200)
    expect(sum(({ dropped }) => dropped)).toBeGreaterThan(50)
    expect(sum(({ refused }) => refused)).toBeGreaterThan(0)
  },
)
