import { describe, test } from 'vitest'
import { silentLog } from '../../src/observe/log.ts'
import { runners } from '../../src/testing/runners.ts'
import type { Chaos } from '../../src/kernel/chaos.ts'
import type { RunningApp } from '../../src/testing/runner.ts'
import app, { forget } from './echo.ts'

type Contracts = typeof app extends { readonly '~contracts': infer C } ? C : never
type Body = (echo: RunningApp<Contracts>['call']['echo'], running: RunningApp<Contracts>) => Promise<void>

export interface Difference {
  /** What holds where services call each other by function calls. */
  readonly together: Body
  /** What holds instead where something lies between them. */
  readonly apart: Body
  /** What lies between them, where it takes a bad network to show it; then only `wire` shows it. */
  readonly chaos?: Omit<Chaos, 'seed'>
}

/** A difference between one process and several that is meant to be there. Whatever is not told in this folder is the same. */
export function difference(what: string, { together, apart, chaos }: Difference): void {
  describe(what, () => {
    for (const runner of runners) {
      if (chaos !== undefined && runner.name === 'split') continue
      test(`under ${runner.name}`, async () => {
        forget()
        await using running = await runner.start(app, { log: silentLog, chaos: { seed: 1, ...chaos } })
        await (runner.name === 'local' ? together : apart)(running.call.echo, running)
      })
    }
  })
}
