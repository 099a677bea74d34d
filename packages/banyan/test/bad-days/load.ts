import { BanyanError } from '../../src/kernel/errors.ts'

/** What came of a number of calls. */
export interface Outcomes {
  readonly calls: number
  /** How many each process has answered. */
  readonly by: Readonly<Record<string, number>>
  /** How many ended with each code. */
  readonly failed: Readonly<Record<string, number>>
  /** In milliseconds. */
  readonly p99: number
  readonly seconds: number
}

/** Makes `calls` calls, `flight` at a time. */
export async function load(call: () => Promise<{ readonly by: string }>, { calls, flight }: { calls: number; flight: number }): Promise<Outcomes> {
  const [by, failed, took]: [Record<string, number>, Record<string, number>, number[]] = [{}, {}, []]
  const began = performance.now()
  let left = calls
  const caller = async () => {
    while (left-- > 0) {
      const at = performance.now()
      try {
        const answer = await call()
        by[answer.by] = (by[answer.by] ?? 0) + 1
      } catch (error) {
        const code = BanyanError.is(error) ? error.code : String(error)
        failed[code] = (failed[code] ?? 0) + 1
      }
      took.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: flight }, caller))
  took.sort((a, b) => a - b)
  return { calls, by, failed, p99: took[Math.floor(took.length * 0.99)]!, seconds: (performance.now() - began) / 1_000 }
}
