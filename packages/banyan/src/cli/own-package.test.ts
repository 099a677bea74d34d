import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { runningPackage } from './own-package.ts'
import { version } from './version.ts'

/** A project with the package installed, as npm leaves it. */
let host: string
beforeEach(() => {
  host = mkdtempSync(join(tmpdir(), 'banyan-host-'))
  mkdirSync(join(host, 'node_modules/banyan'), { recursive: true })
  onTestFinished(() => rmSync(host, { recursive: true }))
})

const home = () => join(host, 'node_modules/banyan/')

function installedFrom(resolved: string | undefined): void {
  const list = { packages: { 'node_modules/banyan': { version, resolved } } }
  writeFileSync(join(host, 'node_modules/.package-lock.json'), JSON.stringify(list))
}

test('a file is named as it is seen from the new project', async () => {
  installedFrom('file:banyan-0.1.0.tgz')
  writeFileSync(join(host, 'banyan-0.1.0.tgz'), '')
  expect(await runningPackage(join(host, 'apps/new'), home())).toBe('file:../../banyan-0.1.0.tgz')
  expect(await runningPackage(host, home())).toBe('file:banyan-0.1.0.tgz')
})

test('a file that has gone is missed before npm misses it', async () => {
  installedFrom('file:gone.tgz')
  await expect(runningPackage(host, home())).rejects.toThrow(`was installed from ${join(host, 'gone.tgz')}, which is not there any more`)
})

test('an address stays as it is', async () => {
  installedFrom('git+ssh://git@example.org/banyan.git#0123456')
  expect(await runningPackage(host, home())).toBe('git+ssh://git@example.org/banyan.git#0123456')
  installedFrom('https://example.org/builds/banyan-0.1.0.tgz')
  expect(await runningPackage(host, home())).toBe('https://example.org/builds/banyan-0.1.0.tgz')
})

test('a registry has the version, wherever it is', async () => {
  installedFrom(['https://example.org/banyan', 'banyan-0.1.0.tgz'].join('/-/'))
  expect(await runningPackage(host, home())).toBe(`^${version}`)
  installedFrom(undefined)
  expect(await runningPackage(host, home())).toBe(`^${version}`)
})

test('so has it where npm has written nothing down, and in the repository', async () => {
  expect(await runningPackage(host, home())).toBe(`^${version}`)
  expect(await runningPackage(host)).toBe(`^${version}`)
})
