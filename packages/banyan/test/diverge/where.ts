import type { Chaos } from '../../src/kernel/chaos.ts'
import { silentLog } from '../../src/observe/log.ts'
import type { Runner, RunningApp } from '../../src/testing/runner.ts'
import { runners } from '../../src/testing/runners.ts'
import app, { forget } from './echo.ts'

type Contracts = typeof app extends { readonly '~contracts': infer C } ? C : never

const [local, wire, split] = runners
/** Where services call each other by function calls. */
export const together: readonly Runner[] = [local]
/** Where something lies between them. What tests of this folder say of one and not of the other is all that differs. */
export const apart: readonly Runner[] = [wire, split]
/** Where a bad network lies between them, which can only be had on purpose. */
export const astray: readonly Runner[] = [wire]

/** The echo, asked by another service. Without `chaos` nothing happens to a call. */
export function start(runner: Runner, chaos: Omit<Chaos, 'seed'> = {}): Promise<RunningApp<Contracts>> {
  forget()
  return runner.start(app, { log: silentLog, chaos: { seed: 1, ...chaos } })
}
