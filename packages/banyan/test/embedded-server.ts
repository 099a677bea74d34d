import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServer } from '../src/store/server.ts'
import { TEST_DATA } from '../src/testing/database.ts'

/**
 * One embedded server for a whole run of vitest, unless TEST_DATABASE_URL names another. The first test that needs it starts it; it is
 * stopped and removed at the end.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['TEST_DATABASE_URL'] !== undefined) return undefined
  const directory = await mkdtemp(join(tmpdir(), 'banyan-test-'))
  process.env[TEST_DATA] = directory
  return async () => {
    if (existsSync(join(directory, 'postgres', 'postmaster.pid'))) await stop(directory)
    await rm(directory, { recursive: true })
  }
}

/** Who enters alone is the last to leave. */
async function stop(directory: string): Promise<void> {
  const server = await openServer({ app: 'test', dataDirectory: directory })
  await server[Symbol.asyncDispose]()
}
