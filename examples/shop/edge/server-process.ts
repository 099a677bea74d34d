import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface ServerProcess extends AsyncDisposable {
  readonly pid: number
  /** SIGKILL: it learns nothing of it. */
  kill(): Promise<void>
}

/** One of the servers that are not the shop's, as a process of its own; it listens when this resolves. */
export async function serverProcess(
  name: 'identity-provider' | 'reviews',
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, `${name}.ts`), args, { env: { ...process.env, ...env }, silent: true })
  child.stdout!.resume()
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text))
  const exited = once(child, 'exit')
  await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error(`${name} did not start: ${said}`)
    }),
  ])
  const end = async (signal: NodeJS.Signals) => {
    if (isRunning(child)) child.kill(signal)
    await exited
  }
  return { pid: child.pid!, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: () => end('SIGTERM') }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}
