import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { freePort } from '../free-port.ts'

/** A shop that has answered its first request. Disposing of it stops it and its database. */
export interface ShopProcess extends AsyncDisposable {
  readonly pid: number
  /** From the start of the process to the first answer, in milliseconds. */
  readonly startMs: number
}

const PATIENCE_MS = 30_000

/** `node shop.ts` in `directory`, with the embedded database, until it answers a query that asks the database. */
export async function shopProcess(directory: string): Promise<ShopProcess> {
  const port = await freePort()
  const { DATABASE_URL: _, ...env } = process.env
  const began = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'shop.ts'), directory, String(port)], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  try {
    await answered(child, port)
  } catch (error) {
    child.kill()
    throw error
  }
  const startMs = performance.now() - began
  return {
    pid: child.pid!,
    startMs,
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

async function answered(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`the shop ended with ${child.exitCode} before it answered`)
    if (performance.now() > deadline) throw new Error(`the shop did not answer within ${PATIENCE_MS} ms`)
    await after(5)
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/products', agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
