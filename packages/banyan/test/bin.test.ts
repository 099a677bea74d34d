import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../bin/banyan.js', import.meta.url))
const OLD = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path) && Number(/^v(\d+)/.exec(text(spawnSync(path, ['--version'])))![1]) < 22)

/** A project with the program and a command line of its own, which says what it got. */
let project: string
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-bin-')))
  mkdirSync(join(project, 'bin'))
  cpSync(program, join(project, 'bin/banyan.js'))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'banyan', type: 'module', exports: { './cli': './cli.ts' } }))
  writeFileSync(
    join(project, 'cli.ts'),
    `export async function main(argv: readonly string[]): Promise<number> {
       const asked = Promise.withResolvers<void>()
       if (argv[0] === 'wait') process.once('SIGTERM', asked.resolve)
       console.log(JSON.stringify({ argv, version: process.version }))
       if (argv[0] === 'fail') throw new Error('it failed')
       if (argv[0] === 'wait') {
         const timer = setInterval(() => {}, 1000)
         await asked.promise
         clearInterval(timer)
       }
       if (argv[0] === 'die') process.kill(process.pid, 'SIGKILL')
       return 3
     }`,
  )
})
afterEach(() => rmSync(project, { recursive: true }))

describe('banyan on this Node', () => {
  test('runs the command line with its arguments and ends with its code', () => {
    const ended = start(process.execPath, ['routes', '--json'])
    expect({ code: ended.status, ...JSON.parse(text(ended)) }).toEqual({ code: 3, argv: ['routes', '--json'], version: process.version })
  })

  test('prints an error nobody caught and ends with 1', () => {
    const ended = start(process.execPath, ['fail'])
    expect([ended.status, String(ended.stderr)]).toEqual([1, expect.stringContaining('it failed')])
  })
})

describe('banyan in its repository', () => {
  test('runs from the sources', () => {
    const ended = spawnSync(program, ['--help'])
    expect([ended.status, text(ended)]).toEqual([0, expect.stringContaining('banyan')])
  })
})

describe('banyan on an older Node', () => {
  test('hands over to the Node that the project pins', ({ skip }) => {
    pin()
    const ended = start(old(skip), ['routes', '--json'])
    expect({ code: ended.status, ...JSON.parse(text(ended)) }).toEqual({ code: 3, argv: ['routes', '--json'], version: process.version })
  })

  test('passes signals on and ends as the other did', async ({ skip }) => {
    pin()
    const child = spawn(old(skip), ['bin/banyan.js', 'wait'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([3, null])
  })

  test('dies of the signal that the other died of', ({ skip }) => {
    pin()
    expect(start(old(skip), ['die']).signal).toBe('SIGKILL')
  })

  test('says what is missing where the project pins none', ({ skip }) => {
    const ended = start(old(skip), ['routes'])
    expect([ended.status, String(ended.stderr)]).toEqual([1, expect.stringMatching(/Node 22\.19 or newer is needed, and \S+ is \d+\.\d+\.\d+\.\n.*node@24/)])
  })

  test('says so too where the pinned one is as old', ({ skip }) => {
    pin(old(skip))
    const ended = start(old(skip), ['routes'])
    expect([ended.status, String(ended.stderr)]).toEqual([1, expect.stringContaining('Node 22.19 or newer is needed')])
  })
})

function start(node: string, argv: readonly string[]): SpawnSyncReturns<Buffer> {
  return spawnSync(node, ['bin/banyan.js', ...argv], { cwd: project, timeout: 60_000 })
}

function old(skip: (note: string) => never): string {
  return OLD ?? skip('no Node older than 22 stands at /usr/bin or /usr/local/bin')
}

function pin(node: string = process.execPath): void {
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true })
  symlinkSync(node, join(project, 'node_modules/.bin/node'))
}

function text({ stdout }: SpawnSyncReturns<Buffer>): string {
  return String(stdout).trim()
}
