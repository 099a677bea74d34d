import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A real OpenID Connect provider in a process of its own, at which anybody logs in with any password. Disposing of it ends the process. */
export interface TestProvider extends AsyncDisposable {
  readonly issuer: string
  readonly clientSecret: string
}

/** Starts it on a port, for the client `club` at the origins; it sends nobody anywhere else. */
export async function testProvider(port: number, origins: readonly string[]): Promise<TestProvider> {
  const clientSecret = randomBytes(24).toString('base64url')
  const child = fork(fileURLToPath(new URL('./provider-process.ts', import.meta.url)), [String(port), clientSecret, ...origins], { silent: true })
  child.stdout!.resume()
  let said = ''
  child.stderr!.on('data', (chunk) => (said += String(chunk)))
  const exited = once(child, 'exit')
  await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error(`the provider did not start: ${said}`)
    }),
  ])
  return {
    issuer: `http://127.0.0.1:${port}`,
    clientSecret,
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}
