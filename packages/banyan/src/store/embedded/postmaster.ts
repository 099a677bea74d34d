import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { Account } from './account.ts'
import { isAlive } from './start-lock.ts'

/** What a running server says about itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  /** Directory of its unix socket; empty when it has none. */
  readonly socket: string
  readonly ready: boolean
}

export function readPostmaster(data: string): Postmaster | undefined {
  const text = content(data)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Number(lines[0]), port: Number(lines[3]), socket: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' }
}

/** Whether this postmaster lives and works on this data directory, rather than its id having been given to another process since. */
export function runsHere({ pid }: Postmaster, data: string): boolean {
  if (!(pid > 0) || !isAlive(pid)) return false
  try {
    // a postmaster's working directory is its data directory
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === data
    if (process.platform === 'win32') return true
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(data)
  } catch {
    // gone in the meantime, a zombie, or someone else's
    return false
  }
}

/**
 * Removes a `postmaster.pid` that a crash left and whose process id belongs to another process by now: PostgreSQL itself would take
 * that process for a postmaster. Only under the start lock.
 */
export function clearStale(data: string): void {
  const before = content(data)
  const aside = join(data, `postmaster.pid.${process.pid}`)
  try {
    renameSync(join(data, 'postmaster.pid'), aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (readFileSync(aside, 'utf8') === before) rmSync(aside)
  else renameSync(aside, join(data, 'postmaster.pid'))
}

/** Ends the server, cutting connections but losing nothing, and waits until it is gone. */
export async function stopPostmaster(data: string, ctl: string, account: Account | undefined): Promise<void> {
  const postmaster = readPostmaster(data)
  if (!postmaster || !runsHere(postmaster, data)) return
  // Windows has no SIGINT for other processes
  if (process.platform === 'win32') execFileSync(ctl, ['stop', '-D', data, '-m', 'fast', '-w'], account ? { uid: account.uid, gid: account.gid } : {})
  else process.kill(postmaster.pid, 'SIGINT')
  const deadline = performance.now() + 30_000
  while (existsSync(join(data, 'postmaster.pid')) && runsHere(postmaster, data)) {
    if (performance.now() > deadline)
      throw new BanyanError('embedded_failed', `the embedded server in ${data} (process ${postmaster.pid}) did not stop within 30 seconds; its log says why`)
    await systemClock.wait(5)
  }
}

function content(data: string): string | undefined {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new BanyanError(
        'embedded_failed',
        `${data} belongs to another user of this machine (was it first started as root?); run as that user, or give it to yours with chown -R`,
        { cause: error },
      )
    }
    throw error
  }
}
