import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-tally-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'vitest.config.ts'), `export default { test: { include: ['*.test.ts'] } }`)
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a run that passes ends with its number and with 0', () => {
  suite('good.test.ts', `test('a', () => {}); test('b', () => {})`)
  expect(ci()).toMatchObject({ code: 0, last: '2 passed, 0 failed' })
})

test('everything that can go wrong in a run is counted and named', () => {
  suite('bad.test.ts', `test('passes', () => {}); test('fails', () => { throw new Error('no') })`)
  suite('skipped.test.ts', `test('held back', ({ skip }) => skip('no server here'))`)
  suite('unprepared.test.ts', `describe('group', () => { beforeAll(() => { throw new Error('no database') }); test('inside', () => {}) })`)
  suite('broken.test.ts', `import './nothing.ts'`)
  suite('rejected.test.ts', `test('leaves a rejection', () => { void Promise.reject(new Error('unseen')) })`)
  const { code, last, output } = ci()
  expect({ code, last }).toEqual({ code: 1, last: '2 passed, 5 failed' })
  expect(output).toContain('skipped 1: no server here')
  expect(output).toContain('failed: suite: bad.test.ts > fails')
  expect(output).toContain('failed: suite: skipped.test.ts > held back was skipped (no server here)')
  expect(output).toContain('failed: suite: unprepared.test.ts > group: no database')
  expect(output).toContain('failed: suite: broken.test.ts')
  expect(output).toContain('failed: suite: outside of tests: unseen')
})

test('a step that failed without a report is counted', () => {
  expect(tally(`lint\t1\t-\ntests\t124\t${folder}/none.json\n`)).toMatchObject({ code: 1, last: '0 passed, 2 failed' })
})

function suite(name: string, text: string): void {
  writeFileSync(join(folder, name), `import { beforeAll, describe, test } from 'vitest'\n${text}\n`)
}

/** Runs the suite as a step of CI and sums up. */
function ci(): { readonly code: number | null; readonly last: string; readonly output: string } {
  const report = join(folder, 'report.json')
  const env = { ...process.env, REPORT: report }
  const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', `--reporter=${root}scripts/ci/reporter.ts`], { cwd: folder, env })
  return tally(`suite\t${status}\t${report}\n`)
}

function tally(steps: string): ReturnType<typeof ci> {
  writeFileSync(join(folder, 'steps.tsv'), steps)
  const { status, stdout } = spawnSync(process.execPath, [`${root}scripts/ci/tally.ts`, 'steps.tsv'], {
    cwd: folder,
    env: { ...process.env, CI: 'true' },
    encoding: 'utf8',
  })
  return { code: status, last: stdout.trimEnd().split('\n').at(-1)!, output: stdout }
}
