import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { knownUnitSecret, unitSecret } from './unit-secret.ts'

test('is made once, by whoever is first, and for nobody else to read', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'banyan-secret-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const directory = join(parent, '.banyan')
  expect(await knownUnitSecret(directory)).toBeUndefined()
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => unitSecret(directory)))
  expect(new Set(others)).toEqual(new Set([first]))
  expect(first!.length).toBeGreaterThanOrEqual(32)
  expect(await knownUnitSecret(directory)).toBe(first)
  expect((await stat(join(directory, 'units.secret'))).mode & 0o777).toBe(0o600)
})
