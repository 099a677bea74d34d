import type { Chaos } from '../kernel/chaos.ts'
import type { App } from '../model/app.ts'
import type { AnyContract } from '../model/contract.ts'
import { start } from '../runtime/start.ts'
import { installed } from './installed.ts'
import type { RunnerOptions, RunningApp } from './runner.ts'

/** All services in this process; with `chaos`, as if each were elsewhere. */
export function startInOne<Contracts extends Record<string, AnyContract>>(
  app: App<Contracts>,
  options: RunnerOptions,
  chaos: Chaos | undefined,
): Promise<RunningApp<Contracts>> {
  return installed(options, async (installation, started) => {
    const { log } = options
    const running = started.add('the app', await start(app, { ...installation, topology: 'one', ...(log && { log }), ...(chaos && { chaos }) }))
    return { running, urls: [running.url] }
  })
}
