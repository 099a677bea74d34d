import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../src/cli/ports.ts'
import type { DatabaseServer } from '../../src/store/server.ts'
import { testServer } from '../../src/testing/database.ts'
import { root } from '../house/source.ts'
import { pages } from './pages.ts'
import { sectionsOf } from './steps.ts'
import { Walk } from './walk.ts'

const MINUTES = 60_000
const page = pages().find(({ path }) => path === 'docs/tutorial/README.md')!

describe('a newcomer who follows the tutorial', () => {
  let folder: string
  let server: DatabaseServer
  let walk: Walk
  let lost = false

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'banyan-tutorial-'))
    // where root runs this, the embedded server's own user has to pass through
    chmodSync(folder, 0o755)
    server = await testServer()
    const port = String(await freePort(0, '127.0.0.1'))
    const known = {
      'localhost:3000': `localhost:${port}`,
      '127.0.0.1:3000': `127.0.0.1:${port}`,
      "DATABASE_URL='postgres://me:secret@localhost:5432/theatre'": `BANYAN_APP_NAME=${server.app} DATABASE_URL='${server.url}'`,
      // what they install is installed in the repository
      'npm install ../banyan-0.1.0.tgz zod': `ln -s ${join(root, 'node_modules')} node_modules`,
      'npm install --save-dev node@24 typescript @types/node vitest': 'true',
    }
    walk = new Walk({ folder, project: join(folder, 'theatre'), env: environment(port), known })
  })
  afterAll(async () => {
    await walk?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }, 2 * MINUTES)

  test.each(sectionsOf(page).map(({ title, steps }) => [title, steps] as const))(
    '%s',
    async (_title, steps) => {
      expect(lost, 'an earlier chapter went wrong').toBe(false)
      lost = true
      await walk.follow(steps)
      lost = false
    },
    5 * MINUTES,
  )
})

/** A reader's: with the Node of this run, and without what this run has set for itself. */
function environment(port: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|BANYAN_|VITEST|NODE_|PG|DATABASE_URL$|TEST_|FORCE_COLOR$|DEBUG$)/.test(name))
  return { ...Object.fromEntries(own), PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter), PORT: port, NO_COLOR: '1' }
}
