import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ask, complaint, data, hold, newProject, open, project, reachingAccount, runs, started } from '../../../test/embedded-project.ts'
import { accounts, isRoot } from './account.ts'

test('a project may be moved, also while its server runs, and a copy gets a server of its own', async () => {
  const home = project()
  const moved = newProject()
  const copied = newProject()
  const one = await open(home)
  await one.admin.query('create table notes as select 1 as id')
  await one.admin.query('checkpoint')
  cpSync(home, copied, { recursive: true, filter: (path) => !path.includes('.s.PGSQL') })
  if (isRoot()) execFileSync('chown', ['-R', accounts()[0]!.name, data(copied)])
  renameSync(home, moved)
  const two = await open(moved)
  expect(await ask(two, started)).toEqual(await ask(one, started))
  const three = await open(copied)
  expect(await ask(three, 'select id from notes')).toEqual({ id: 1 })
  expect(await ask(three, started)).not.toEqual(await ask(two, started))
  await one[Symbol.asyncDispose]()
})

test('a path too long for a socket is no obstacle', async () => {
  const home = join(dirname(newProject()), 'd'.repeat(60), 'e'.repeat(60), '.banyan')
  mkdirSync(home, { recursive: true })
  const server = await open(home)
  const other = await hold(home)
  expect(await other.ask(started)).toEqual(await ask(server, started))
  await other.leave()
})

test('root runs a project that only root can reach', async ({ skip }) => {
  if (!isRoot()) skip('needs root')
  const home = newProject()
  chmodSync(dirname(home), 0o700)
  const one = await open(home)
  await one.admin.query('create table notes as select 1 as id')
  await one[Symbol.asyncDispose]()
  const place = readlinkSync(data(home))
  onTestFinished(() => rmSync(dirname(place), { recursive: true }))
  expect(place.startsWith(join(tmpdir(), 'banyan-root'))).toBe(true)
  expect(await ask(await open(home), 'select id from notes')).toEqual({ id: 1 })
})

test('a user who is not root runs it as that user', async ({ skip }) => {
  if (!isRoot()) skip('the other tests run as such a user')
  const { uid, gid } = reachingAccount(skip)
  const home = newProject()
  mkdirSync(home)
  chownSync(home, uid, gid)
  const one = await hold(home, { uid, gid })
  expect(await one.ask('select 1 as one')).toEqual({ one: 1 })
  await one.leave()
  expect(runs(home)).toBe(false)
})

test('a user who may not read the data is told so', async ({ skip }) => {
  if (!isRoot()) skip('needs root to make a directory of another user')
  const home = project()
  reachingAccount(skip)
  const other = accounts()[1]!
  chownSync(home, other.uid, other.gid)
  const told = await complaint(home, other)
  expect(told).toContain('embedded_failed')
  expect(told).toContain('belongs to another user of this machine')
})

test('a data directory of another major version is refused', async () => {
  const home = project()
  writeFileSync(join(data(home), 'PG_VERSION'), '17\n')
  await expect(open(home)).rejects.toMatchObject({
    code: 'embedded_version',
    message: expect.stringContaining('was made by PostgreSQL 17 and the programs are of PostgreSQL 18') as string,
  })
})

test('a server that does not start says why', async () => {
  const home = project()
  appendFileSync(join(data(home), 'postgresql.conf'), '\nshared_buffers = plenty\n')
  await expect(open(home)).rejects.toMatchObject({
    code: 'embedded_failed',
    message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"') as string,
  })
})
