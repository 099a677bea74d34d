import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openServer } from '../server.ts'
import { sqlError } from '../sql-errors.ts'

/** A project on a file system of its own with so many megabytes; `undefined` where this process may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'banyan-disk-'))
  chmodSync(directory, 0o755)
  const disk = join(directory, 'disk')
  mkdirSync(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', disk]).status === 0
  onTestFinished(() => {
    if (mounted) spawnSync('umount', ['-l', disk])
    rmSync(directory, { recursive: true })
  })
  return mounted ? join(disk, '.banyan') : undefined
}

test('a first start on a full disk says so', async ({ skip }) => {
  const home = smallDisk(20) ?? skip('may not mount a small file system')
  await expect(openServer({ app: 'full', dataDirectory: home })).rejects.toMatchObject({ code: 'database_full' })
})

test('a statement for which the disk has no space fails as database_full, and the server goes on when there is some', async ({ skip }) => {
  const home = smallDisk(140) ?? skip('may not mount a small file system')
  const server = await openServer({ app: 'full', dataDirectory: home })
  onTestFinished(() => server[Symbol.asyncDispose]())
  await server.admin.query('create unlogged table filling (text text); alter table filling alter text set storage plain')
  const fill = server.admin.query("insert into filling select repeat('x', 7000) from generate_series(1, 100000)")
  expect(sqlError(await fill.catch((error: unknown) => error))).toMatchObject({ code: 'database_full', executed: 'no' })
  await server.admin.query('drop table filling')
  expect((await server.admin.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})
