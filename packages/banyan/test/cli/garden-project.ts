import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import type { DatabaseServer } from '../../src/store/server.ts'

const bin = fileURLToPath(new URL('../../bin/banyan.js', import.meta.url))
const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
/** The app as it stands in the repository, for tests that change nothing. */
export const garden: string = fileURLToPath(new URL('garden', import.meta.url))

/** A copy of the garden that a test may change; removed after it. */
export function gardenCopy(): string {
  const directory = mkdtempSync(join(tmpdir(), 'banyan-garden-'))
  chmodSync(directory, 0o755)
  cpSync(garden, directory, { recursive: true, filter: (file) => !file.includes('.banyan') })
  symlinkSync(modules, join(directory, 'node_modules'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** The variables by which the app uses a test's database, under a name of its own. */
export function gardenEnv({ url, app }: DatabaseServer): Record<string, string> {
  return { DATABASE_URL: url, GARDEN: app, BANYAN_SECRET: 'a secret of at least 32 characters' }
}

/** A command line in a process of its own. */
export interface Spawned {
  readonly process: ChildProcess
  /** What it wrote so far, to either output. */
  readonly text: () => string
  /** Resolves with the text once it matches. */
  wrote(pattern: RegExp): Promise<string>
  /** Interrupts it until it has ended, as somebody does who has lost patience: an interrupt right behind another counts as its echo. */
  toldAgain(): Promise<void>
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** Runs a command line in a process; killed after the test if it still runs. */
export function spawnBanyan(args: readonly string[], options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }): Spawned {
  const child = spawn(process.execPath, [bin, ...args], { cwd: options.cwd, env: { ...withoutColours(), ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const wrote = async (pattern: RegExp): Promise<string> => {
    await expect.poll(() => text).toMatch(pattern)
    return text
  }
  const toldAgain = async (): Promise<void> => {
    await expect.poll(() => child.kill('SIGINT') && child.exitCode === null, { interval: 100 }).toBe(false)
  }
  return { process: child, text: () => text, wrote, toldAgain, ended }
}

function withoutColours(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, NO_COLOR: _no, PORT: _port, DEBUG: _debug, ...rest } = process.env
  return rest
}
