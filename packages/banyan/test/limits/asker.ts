import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Rate } from '../../src/limits/rate.ts'

export interface AskerOrder {
  readonly url: string
  readonly prefix: string
  readonly rate: Rate
  readonly burst: number
  /** How long it asks as fast as it can. */
  readonly forMs: number
}
export interface AskerReport {
  readonly admitted: number
  readonly asked: number
  /** Microseconds by the clock of Redis, before the first request and after the last. */
  readonly began: number
  readonly ended: number
}

/** Processes that ask one bucket as fast as they can, all at the same time. */
export async function askTogether(count: number, order: AskerOrder): Promise<readonly AskerReport[]> {
  const file = fileURLToPath(new URL('./asker-process.ts', import.meta.url))
  const askers = Array.from({ length: count }, () => fork(file, [JSON.stringify(order)]))
  await Promise.all(askers.map((asker) => once(asker, 'message')))
  const reports = askers.map(async (asker) => ((await once(asker, 'message')) as [AskerReport])[0])
  for (const asker of askers) asker.send('go')
  const all = await Promise.all(reports)
  await Promise.all(askers.map(async (asker) => asker.exitCode ?? (await once(asker, 'exit'))))
  return all
}
