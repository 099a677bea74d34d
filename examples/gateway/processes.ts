import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const folder = import.meta.dirname

/** One of the two servers that know nothing of the gateway, as a process of its own. */
export function backend(name: 'articles' | 'stock', port: number): ChildProcess {
  return spawn(process.execPath, [join(folder, 'backends', `${name}.ts`)], { env: { ...process.env, PORT: String(port) }, stdio: 'inherit' })
}

export interface Edge {
  readonly process: ChildProcess
  readonly url: string
}

/** `banyan gateway start gateway.yaml` as a process of its own; it answers once this resolves. What it logs goes to `told`. */
export async function edge(file: string, port: number, env: Readonly<Record<string, string>>, told: (line: string) => void = () => {}): Promise<Edge> {
  const program = join(folder, '../../node_modules/.bin/banyan')
  const child = spawn(program, ['gateway', 'start', file, '--port', String(port)], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const ready = Promise.withResolvers<string>()
  child.once('exit', (code) => ready.reject(new Error(`the gateway ended with ${code} before it answered`)))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((one) => one !== '')) {
      told(line)
      const url = /"url":"([^"]+)".*"message":"listening"/.exec(line)?.[1]
      if (url !== undefined) ready.resolve(url)
    }
  })
  return { process: child, url: await ready.promise }
}

/** Ends a process in order. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
