import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { banyan } from '../cli/memory-io.ts'
import { linkModules, reader, readersFolder } from './reader.ts'
import { sectionsOf } from './steps.ts'

const MINUTES = 60_000

test.each(['service', 'shop'])(
  'what the README of a new %s says to try works so',
  async (template) => {
    const folder = readersFolder()
    expect(await banyan(['init', '.', '--template', template], { cwd: folder })).toMatchObject({ code: 0, err: '' })
    await using walk = await reader({ folder, project: '.', known: { 'npm install': linkModules }, atHome: true })
    const text = readFileSync(join(folder, 'README.md'), 'utf8')
    for (const { steps } of sectionsOf({ path: 'README.md', text })) await walk.follow(steps)
  },
  5 * MINUTES,
)
