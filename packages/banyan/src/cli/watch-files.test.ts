import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FileWatcher, matters } from './watch-files.ts'

test.each([
  ['place.ts', true],
  ['place.mjs', true],
  ['0001_orders.sql', true],
  ['gateway.yaml', true],
  ['package.json', true],
  ['place.test.ts', false],
  ['README.md', false],
  ['.place.ts.swp', false],
  ['4913', false],
  ['place.ts~', false],
])('%s matters: %s', (file, expected) => {
  expect(matters(file)).toBe(expected)
})

async function watched(): Promise<{ folder: string; write: (path: string) => void; next: () => Promise<readonly string[]> }> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-watch-'))
  for (const name of ['orders', 'node_modules/zod', 'dist', '.banyan']) mkdirSync(join(folder, name), { recursive: true })
  const watcher = await FileWatcher.open(folder)
  onTestFinished(() => {
    watcher[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  return { folder, write: (path) => writeFileSync(join(folder, path), ''), next: () => watcher.next(AbortSignal.timeout(60_000)) }
}

test('changes come together, without those that do not matter', async () => {
  const { write, next } = await watched()
  const changed = next()
  for (const path of ['node_modules/zod/index.js', 'dist/a.js', '.banyan/state.json', 'README.md', 'orders/place.ts', 'banyan.config.ts', 'orders/place.ts'])
    write(path)
  expect(await changed).toEqual(['banyan.config.ts', 'orders/place.ts'])
})

test('changes between two looks are not lost', async () => {
  const { write, next } = await watched()
  write('a.ts')
  expect(await next()).toEqual(['a.ts'])
  write('b.ts')
  expect(await next()).toEqual(['b.ts'])
})

test('a new folder is watched, with what it came with', async () => {
  const { folder, write, next } = await watched()
  mkdirSync(join(folder, '.hidden/new/deep'), { recursive: true })
  mkdirSync(join(folder, '.hidden/new/node_modules'))
  for (const path of ['.hidden/new/deep/a.ts', '.hidden/new/node_modules/b.js']) write(path)
  renameSync(join(folder, '.hidden/new'), join(folder, 'new'))
  expect(await next()).toEqual([join('new', 'deep', 'a.ts')])
  write('new/deep/b.ts')
  expect(await next()).toEqual([join('new', 'deep', 'b.ts')])
})

test('a file that editors replace is seen each time', async () => {
  const { folder, write, next } = await watched()
  for (const _time of [1, 2, 3]) {
    write('orders/draft.tmp')
    renameSync(join(folder, 'orders/draft.tmp'), join(folder, 'orders/place.ts'))
    expect(await next()).toEqual([join('orders', 'place.ts')])
  }
})

test('waiting ends with the signal', async () => {
  const { folder } = await watched()
  using watcher = await FileWatcher.open(folder)
  const stop = new AbortController()
  const changed = watcher.next(stop.signal)
  stop.abort()
  expect(await changed).toEqual([])
})
