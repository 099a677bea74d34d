import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testServer } from './database.ts'

/** Options for `start` under which a test has an installation of the app of its own. Disposing of it removes what the app left behind. */
export interface TestInstallation extends AsyncDisposable {
  readonly options: {
    readonly name: string
    readonly database: string
    readonly directory: string
    readonly development: true
    readonly port: 0
  }
}

/**
 * A place for an app to run in a test: schemas and roles under a name of their own on the server at TEST_DATABASE_URL, or on an embedded
 * one that the whole test run shares. Stop the app before disposing.
 */
export async function testInstallation(): Promise<TestInstallation> {
  const server = await testServer()
  const directory = await mkdtemp(join(tmpdir(), 'banyan-app-'))
  return {
    options: { name: server.app, database: server.url, directory, development: true, port: 0 },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
