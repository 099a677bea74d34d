import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withStartLock } from './start-lock.ts'

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'banyan-lock-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** Leaves a lock behind as a process with this id would, had it been killed. */
function leftBy(path: string, pid: number): string {
  const token = randomUUID()
  for (const name of ['start.lock', `start.lock.${token}`]) writeFileSync(join(path, name), `${pid} ${token}`)
  return join(path, 'start.lock')
}

test('one at a time, and nothing is left behind', async () => {
  const path = directory()
  let inside = 0
  const most: number[] = []
  const work = async (): Promise<void> => {
    most.push(++inside)
    await new Promise(setImmediate)
    inside--
  }
  await Promise.all(Array.from({ length: 8 }, () => withStartLock(path, work)))
  expect(most).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
  expect(readdirSync(path)).toEqual([])
})

test('a failure gives the lock back', async () => {
  const path = directory()
  await expect(withStartLock(path, () => Promise.reject(new Error('own')))).rejects.toThrow('own')
  expect(await withStartLock(path, async () => 'in')).toBe('in')
})

test('the lock of a process that died is taken over, by one only', async () => {
  const path = directory()
  leftBy(path, spawnSync('true').pid)
  const order: string[] = []
  const work = (name: string) => async (): Promise<void> => {
    order.push(name)
    await new Promise(setImmediate)
    order.push(name)
  }
  await Promise.all([withStartLock(path, work('a')), withStartLock(path, work('b'))])
  expect(order[0]).toBe(order[1])
  expect(readdirSync(path)).toEqual([])
})

test('a lock with our own process id that is not ours was left before this process was born', async () => {
  const path = directory()
  leftBy(path, process.pid)
  expect(await withStartLock(path, async () => 'in')).toBe('in')
})

test('the lock of a living process is waited for, unless it is older than any start takes', async () => {
  const path = directory()
  const lock = leftBy(path, process.ppid)
  const entered = withStartLock(path, async () => 'in')
  expect(await Promise.race([entered, new Promise((resolve) => setTimeout(resolve, 50, 'waiting'))])).toBe('waiting')
  utimesSync(lock, new Date(), new Date(Date.now() - 200_000))
  expect(await entered).toBe('in')
})
