import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pages } from './pages.ts'
import { linkModules, reader } from './reader.ts'
import { sectionsOf } from './steps.ts'
import type { Walk } from './walk.ts'

const MINUTES = 60_000
const chapters = sectionsOf(pages().find(({ path }) => path === 'docs/tutorial/README.md')!)

describe('a newcomer who follows the tutorial', () => {
  let walk: Walk
  let lost = false

  beforeAll(async () => {
    const known = {
      'npm install ../banyan-0.1.0.tgz zod': linkModules,
      'npm install --save-dev node@24 typescript @types/node vitest': 'true',
    }
    walk = await reader({ project: 'theatre', known, atHome: true })
  })
  afterAll(() => walk?.[Symbol.asyncDispose](), 2 * MINUTES)

  test.each(chapters.map(({ title, steps }) => [title, steps] as const))(
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
