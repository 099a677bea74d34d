import { cpSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { pack } from '../pack.ts'
import { pages } from './pages.ts'
import { reader, readersFolder } from './reader.ts'
import { sectionsOf } from './steps.ts'
import type { Walk } from './walk.ts'

const MINUTES = 60_000
const REASON = 'takes minutes and the package registry: set PACKAGE=1'
const asked = process.env['PACKAGE'] === '1'

/** As the other tests of pages, but by somebody who has the packed package and nothing else of this repository: all is installed. */
describe('a stranger with the package', () => {
  const shelf = readersFolder()
  let tarball: string
  beforeAll(() => {
    if (asked) tarball = pack(shelf)
  }, 5 * MINUTES)
  afterAll(() => rmSync(shelf, { recursive: true }))

  /** A stranger in a folder with the tarball. */
  const stranger = async (project: string): Promise<Walk> => {
    const folder = readersFolder()
    cpSync(tarball, join(folder, basename(tarball)))
    return reader({ folder, project, known: {}, atHome: false })
  }

  test(
    'follows the tutorial',
    async ({ skip }) => {
      if (!asked) skip(REASON)
      await using walk = await stranger('theatre')
      const tutorial = pages().find(({ path }) => path === 'docs/tutorial/README.md')!
      for (const { steps } of sectionsOf(tutorial)) await walk.follow(steps)
    },
    15 * MINUTES,
  )

  test.for(['service', 'shop'])('makes a %s with npx, and does what its README says', { timeout: 15 * MINUTES }, async (template, { skip }) => {
    if (!asked) skip(REASON)
    await using walk = await stranger('made')
    await walk.follow([
      { kind: 'run', text: `npx --yes -p node@24 -p ./banyan-0.1.0.tgz banyan init made --template ${template} && cd made`, shown: undefined, json: false },
    ])
    const text = readFileSync(join(walk.project, 'README.md'), 'utf8')
    for (const { steps } of sectionsOf({ path: 'README.md', text })) await walk.follow(steps)
    await walk.follow([{ kind: 'run', text: 'npm test && npm run types', shown: undefined, json: false }])
  })
})
