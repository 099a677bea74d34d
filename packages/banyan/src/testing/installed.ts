import { Lifecycle } from '../kernel/lifecycle.ts'
import type { AnyContract } from '../model/contract.ts'
import type { Running } from '../runtime/start.ts'
import { testInstallation, type TestInstallation } from './installation.ts'
import type { RunnerOptions, RunningApp } from './runner.ts'

/** What was started, and where it answers. */
export interface Started<Contracts extends Record<string, AnyContract>> {
  readonly running: Running<Contracts>
  readonly urls: readonly string[]
}

/** Starts an app in the installation given or in one of its own, which then goes with it. What was started before a failure is stopped. */
export async function installed<Contracts extends Record<string, AnyContract>>(
  { installation: given }: RunnerOptions,
  open: (installation: TestInstallation['options'], started: Lifecycle) => Promise<Started<Contracts>>,
): Promise<RunningApp<Contracts>> {
  const lifecycle = new Lifecycle()
  try {
    const installation = given ?? lifecycle.add('the installation', await testInstallation())
    const { running, urls } = await open(installation.options, lifecycle)
    const { url, call, as, token, quiet } = running
    return { url, call, as, token, quiet, urls, [Symbol.asyncDispose]: () => lifecycle[Symbol.asyncDispose]() }
  } catch (error) {
    await lifecycle[Symbol.asyncDispose]()
    throw error
  }
}
