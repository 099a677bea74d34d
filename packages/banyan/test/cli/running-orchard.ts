import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { App } from '../../src/model/app.ts'
import type { AnyContract } from '../../src/model/contract.ts'
import { silentLog } from '../../src/observe/log.ts'
import { start, type Running } from '../../src/runtime/start.ts'
import type { DatabaseServer } from '../../src/store/server.ts'
import { testServer } from '../../src/testing/database.ts'
import { banyan, type RunOptions } from './memory-io.ts'

interface Calls {
  readonly trees: {
    plant(input: { tree: string; kind: string }): Promise<void>
    grow(input: { tree: string; by: number }): Promise<void>
    prune(input: { shears: string }): Promise<void>
    visit(input: { tree: string }): Promise<void>
  }
  readonly cellar: { pick(input: { tree: string; apples: number }): Promise<void> }
}

/** An app with an aggregate and a projection of two logs, running; and the command line in its project. */
export interface Orchard extends AsyncDisposable {
  readonly server: DatabaseServer
  readonly running: Running
  readonly call: Calls
  run(argv: readonly string[], options?: RunOptions): ReturnType<typeof banyan>
}

const project = fileURLToPath(new URL('orchard', import.meta.url))

export async function runningOrchard(): Promise<Orchard> {
  const directory = mkdtempSync(join(tmpdir(), 'banyan-orchard-'))
  const server = await testServer()
  // the configuration is imported into this process
  process.env['ORCHARD'] = server.app
  const { default: app } = (await import('./orchard/banyan.config.ts')) as unknown as { default: App<Record<string, AnyContract>> }
  const running = await start(app, { database: server.url, development: true, port: 0, directory, log: silentLog })
  const env = { DATABASE_URL: server.url, ORCHARD: server.app }
  return {
    server,
    running,
    call: running.call as unknown as Calls,
    run: (argv, options = {}) => banyan(argv, { cwd: project, env, ...options }),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true })
    },
  }
}
