import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { gardenCopy, spawnBanyan } from '../../test/cli/garden-project.ts'
import { findConfig, importConfig } from './config.ts'

const root = mkdtempSync(join(tmpdir(), 'banyan-config-'))
chmodSync(root, 0o755)
afterAll(() => rmSync(root, { recursive: true }))
mkdirSync(join(root, 'a/b/c'), { recursive: true })
writeFileSync(join(root, 'banyan.config.mjs'), 'export default 1')
writeFileSync(join(root, 'a/banyan.config.ts'), 'export default { kind: "app", name: "a" }')
writeFileSync(join(root, 'a/banyan.config.js'), '')
writeFileSync(join(root, 'other.ts'), '')

test('the nearest configuration counts, TypeScript first', async () => {
  expect(await findConfig(join(root, 'a/b/c'), undefined)).toBe(join(root, 'a/banyan.config.ts'))
  expect(await findConfig(root, undefined)).toBe(join(root, 'banyan.config.mjs'))
})

test('one that is named is taken as it is', async () => {
  expect(await findConfig(join(root, 'a'), '../other.ts')).toBe(join(root, 'other.ts'))
})

test('where there is none it says so', async () => {
  await expect(findConfig(tmpdir(), undefined)).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('there is no banyan.config.ts in') as string,
  })
  await expect(findConfig(root, 'a')).rejects.toMatchObject({
    message: expect.stringContaining(`is a folder; name the file in it: --config ${join(root, 'a', 'banyan.config.ts')}`) as string,
  })
})

test('it exports an app', async () => {
  expect(await importConfig(join(root, 'a/banyan.config.ts'))).toMatchObject({ name: 'a' })
  await expect(importConfig(join(root, 'banyan.config.mjs'))).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('exports no app as default (found number)') as string,
  })
})

test('what cannot be imported is told with its place and without the stack of the loader', async () => {
  const cwd = gardenCopy()
  const told = async (text: string): Promise<string> => {
    writeFileSync(join(cwd, 'banyan.config.ts'), text)
    const routes = spawnBanyan(['routes'], { cwd, env: {} })
    expect(await routes.ended).toBe(1)
    return routes.text()
  }
  const syntax = await told('export default {\n  topologies; {\n')
  expect(syntax).toMatch(
    /^error invalid_configuration: \S+banyan\.config\.ts cannot be loaded; mend it: \S+banyan\.config\.ts:2\n[^]*topologies; \{\n[^]*\nSyntaxError/,
  )
  expect(syntax).not.toMatch(/\n {4}at /)
  expect(await told("\nthrow new Error('no luck today')")).toMatch(/cannot be loaded; mend it: Error: no luck today, at file:\S+banyan\.config\.ts:2:\d+\n$/)
})
