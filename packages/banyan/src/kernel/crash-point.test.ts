import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { CRASH_AT, crashPoints } from './crash-point.ts'

const program = `
  import { crashPoint } from ${JSON.stringify(new URL('crash-point.ts', import.meta.url).href)}
  for (const name of ['commit.before', 'send.claimed', 'commit.before']) {
    crashPoint(name)
    console.log('passed ' + name)
  }`

function run(crashAt: string) {
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env: { ...process.env, [CRASH_AT]: crashAt } })
}

test('without the variable nothing happens', () => {
  expect(run('')).toMatchObject({ status: 0, stdout: 'passed commit.before\npassed send.claimed\npassed commit.before\n' })
})

test('the process dies at the point, at the visit said', () => {
  expect(run('commit.before')).toMatchObject({ signal: 'SIGKILL', stdout: '' })
  const second = run('commit.before:2')
  expect(second).toMatchObject({ signal: 'SIGKILL', stdout: 'passed commit.before\npassed send.claimed\n' })
  expect(second.stderr).toContain(`dies at commit.before: ${crashPoints['commit.before']}`)
})

test('a point that does not exist is refused', () => {
  const { status, stderr } = run('commit.behind')
  expect(status).toBe(1)
  expect(stderr).toContain("BANYAN_CRASH_AT is 'commit.behind'; it is one of commit.before, ")
})
