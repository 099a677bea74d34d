import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'

// longer than any start is waited for, so an older lock was left by a process whose id was given to another since
const STALE_AFTER = 180_000

// after a restart of a container a process often has the id of the one before
const ours = new Set<string>()

/**
 * Runs `work` while no other process of this machine does the same for this directory. The lock of a process that died is taken over;
 * the one who takes it moves it away first, which only one can.
 */
export async function withStartLock<T>(home: string, work: () => Promise<T>): Promise<T> {
  const lock = join(home, 'start.lock')
  const token = randomUUID()
  const mine = `${lock}.${token}`
  ours.add(token)
  writeFileSync(mine, `${process.pid} ${token}`)
  try {
    while (!taken(mine, lock)) {
      breakIfDead(lock)
      await systemClock.wait(10)
    }
    try {
      return await work()
    } finally {
      if (read(lock) === read(mine)) rmSync(lock, { force: true })
    }
  } finally {
    rmSync(mine, { force: true })
    ours.delete(token)
  }
}

function taken(mine: string, lock: string): boolean {
  try {
    linkSync(mine, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function breakIfDead(lock: string): void {
  const holder = read(lock)
  if (holder === undefined || !isDead(lock, holder)) return
  const aside = `${lock}.${randomUUID()}`
  try {
    renameSync(lock, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  // between look and move a live process may have taken the lock: give it back
  if (read(aside) !== holder) taken(aside, lock)
  rmSync(aside, { force: true })
  rmSync(`${lock}.${tokenOf(holder)}`, { force: true })
}

function isDead(lock: string, holder: string): boolean {
  const pid = Number.parseInt(holder, 10)
  if (pid === process.pid) return !ours.has(tokenOf(holder))
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
  return age > STALE_AFTER || !isAlive(pid)
}

function tokenOf(holder: string): string {
  return /^\d+ ([0-9a-f-]+)$/.exec(holder)?.[1] ?? 'unknown'
}

/** Whether a process of this id exists, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
