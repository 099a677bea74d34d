import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BanyanError } from '../kernel/errors.ts'
import type { StartOptions } from '../runtime/start.ts'

/** What a process is to run: the app that a module exports, with these options. */
export interface UnitOrder {
  readonly module: string
  readonly options: StartOptions
}

const self = fileURLToPath(import.meta.url)
const main = self.replace(/\.([jt]s)$/, '-main.$1')

/** Runs a unit of an app in a process of its own. Resolves once it answers; disposing of it lets it finish. Throws `unavailable` when it ends before. */
export async function unitProcess(module: string, options: StartOptions): Promise<AsyncDisposable> {
  const child = fork(main, [JSON.stringify({ module, options } satisfies UnitOrder)])
  const exit = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>
  const ended = exit.then(([code, signal]) => {
    const how = signal ?? `exit code ${code}`
    throw new BanyanError('unavailable', `unit '${options.unit}' ended with ${how} before it answered; what it wrote to standard error says why`)
  })
  await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined) // its end is no failure from here on
  return {
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}
