import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { ask, data, hold, killDatabase, newProject, open, project, runs, started } from '../../../test/embedded-project.ts'
import { readPostmaster } from './postmaster.ts'

test('the last process to leave stops the server; what was written is there at the next start', async () => {
  const home = project()
  const first = await open(home)
  await first.admin.query('create table notes as select 1 as id')
  const second = await open(home)
  expect(await ask(second, started)).toEqual(await ask(first, started))
  await first[Symbol.asyncDispose]()
  expect(await ask(second, 'select id from notes')).toEqual({ id: 1 })
  await second[Symbol.asyncDispose]()
  expect(runs(home)).toBe(false)
  expect(await ask(await open(home), 'select id from notes')).toEqual({ id: 1 })
})

test('processes that start at once, on nothing, share one server', async () => {
  const home = newProject()
  const holders = await Promise.all([1, 2, 3].map(() => hold(home)))
  const times = await Promise.all(holders.map((one) => one.ask(started)))
  expect(new Set(times.map((time) => JSON.stringify(time))).size).toBe(1)
  await Promise.all(holders.map((one) => one.leave()))
  expect(runs(home)).toBe(false)
})

test('processes that start at once after a crash share one server', async () => {
  const home = project()
  const server = await open(home)
  await killDatabase(home)
  const holders = await Promise.all([hold(home), hold(home), server.revive()])
  expect(await holders[0].ask(started)).toEqual(await holders[1].ask(started))
  expect(await holders[0].ask(started)).toEqual(await ask(server, started))
})

test('a newcomer is never cut off by the last one to leave', async () => {
  const home = project()
  let here = await open(home)
  for (let round = 0; round < 5; round++) {
    const [next] = await Promise.all([open(home), here[Symbol.asyncDispose]()])
    expect(await ask(next, 'select 1 as one')).toEqual({ one: 1 })
    here = next
  }
})

test('the server outlives kill -9 of its processes, and the next one joins it', async () => {
  const home = project()
  const one = await hold(home)
  const before = await one.ask(started)
  await one.kill()
  expect(await ask(await open(home), started)).toEqual(before)
})

test('an orphan stops by itself when nobody has used it for a while', async () => {
  const home = project()
  const one = await hold(home, { stopAfter: 200 })
  await one.kill()
  await expect.poll(() => runs(home)).toBe(false)
  expect(await ask(await open(home), 'select 1 as one')).toEqual({ one: 1 })
})

test('a server that is used does not stop by itself', async () => {
  const home = project()
  const one = await hold(home, { stopAfter: 100 })
  const server = await open(home)
  await one.kill()
  // the watcher has looked several times by then
  await server.admin.query('select pg_sleep(1)')
  expect(await ask(server, 'select 1 as one')).toEqual({ one: 1 })
})

test('after kill -9 of the database every running process goes on, with one server and nothing lost', async () => {
  const home = project()
  const log: string[] = []
  const server = await open(home, { log: (message) => log.push(message) })
  const others = await Promise.all([hold(home), hold(home)])
  await server.admin.query('create table notes as select 7 as id')
  await killDatabase(home)
  await vi.waitFor(async () => expect(await ask(server, 'select id from notes')).toEqual({ id: 7 }), { timeout: 60_000 })
  await server.revive()
  const times = [await ask(server, started)]
  for (const other of others) times.push(await vi.waitFor(() => other.ask(started), { timeout: 60_000 }))
  expect(new Set(times.map((time) => JSON.stringify(time))).size).toBe(1)
  await expect.poll(() => log.join('\n')).toMatch(/was gone and (was started again|is back) after \d+ ms/)
  await Promise.all(others.map((other) => other.leave()))
  expect(runs(home)).toBe(true)
})

test('revive waits for the restart', async () => {
  const home = project()
  const server = await open(home)
  await killDatabase(home)
  await server.revive()
  expect(await ask(server, 'select 1 as one')).toEqual({ one: 1 })
})

test('after kill -9 of everything the next start recovers', async () => {
  const home = project()
  const one = await hold(home)
  await one.ask('create table notes as select 7 as id')
  await Promise.all([one.kill(), killDatabase(home)])
  expect(await ask(await open(home), 'select id from notes')).toEqual({ id: 7 })
})

test('a postmaster.pid whose process id now belongs to another process is no obstacle', async () => {
  const home = project()
  const one = await open(home)
  const file = join(data(home), 'postmaster.pid')
  const stale = readFileSync(file, 'utf8').replace(/^\d+/, String(process.pid))
  await one[Symbol.asyncDispose]()
  writeFileSync(file, stale)
  expect(await ask(await open(home), 'select 1 as one')).toEqual({ one: 1 })
})

test('a data directory removed under a running process does not come back empty', async () => {
  const home = project()
  const server = await open(home)
  renameSync(data(home), `${data(home)}.away`)
  process.kill(readPostmaster(`${data(home)}.away`)!.pid, 'SIGKILL')
  await expect(server.revive()).rejects.toMatchObject({ code: 'database_unreachable', message: expect.stringContaining('is gone') as string })
  expect(existsSync(data(home))).toBe(false)
  await server[Symbol.asyncDispose]()
})
