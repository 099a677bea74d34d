import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = 'packages/banyan/test/types/messages'
const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--singleThreaded', '--pretty', 'false', '-p', folder], {
  cwd: root,
  encoding: 'utf8',
})
const files = globSync('*.ts', { cwd: join(root, folder) }).sort()

describe('what TypeScript says to', () => {
  test.each(files)('%s', async (file) => {
    const [message] = errorsIn(`${folder}/${file}`)
    expect(message, `${file} compiles, and it must not`).toBeDefined()
    // accept better words with vitest -u
    await expect(`${message}\n`).toMatchFileSnapshot(`messages/${file.replace(/\.ts$/, '.txt')}`)
  })

  test('nothing but the wrong uses', () => {
    const others = errors().filter((error) => !error.startsWith(`${folder}/`))
    expect(others.join('\n') + stderr).toBe('')
  })
})

/** Every error with its continuation lines. */
function errors(): readonly string[] {
  return stdout
    .split(/\n(?!\s)/)
    .map((text) => text.trimEnd().replaceAll(root, ''))
    .filter((text) => text !== '')
}

/** The errors of a file, without its path and place. */
function errorsIn(path: string): readonly string[] {
  return errors()
    .filter((error) => error.startsWith(`${path}(`))
    .map((error) => error.replace(/^.*?\): error /, ''))
}
