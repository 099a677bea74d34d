import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { garden, gardenCopy, gardenEnv, spawnBanyan, type Spawned } from '../../../test/cli/garden-project.ts'
import { banyan } from '../../../test/cli/memory-io.ts'
import { readPostmaster } from '../../store/embedded/postmaster.ts'
import type { DatabaseServer } from '../../store/server.ts'
import { testServer } from '../../testing/database.ts'

let server: DatabaseServer
let env: Record<string, string>
beforeAll(async () => {
  server = await testServer()
  env = gardenEnv(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const start = (...args: string[]): Spawned => spawnBanyan(['start', '--port', '0', ...args], { cwd: garden, env })
const urlIn = (text: string): string => /"url":"([^"]+)"/.exec(text)![1]!

/** A request that is answered as late as it may be; what becomes of it does not matter. */
async function lingeringRequest(unit: Spawned): Promise<void> {
  const url = urlIn(await unit.wrote(/"message":"listening"/))
  void fetch(`${url}/wait`).catch(() => undefined)
  await unit.wrote(/somebody waits/)
}

describe('start', () => {
  test('refuses a database that lacks migrations', async () => {
    const unit = start()
    expect(await unit.ended).toBe(1)
    expect(unit.text()).toMatch(/^error (migration_pending|database_login_failed): .*/m)
    expect(unit.text()).not.toMatch(/\n {4}at /)
  })

  describe('with a migrated database', () => {
    beforeAll(async () => {
      // the configuration is imported into this process
      process.env['GARDEN'] = server.app
      const { code, err } = await banyan(['migrate'], { cwd: garden, env })
      if (code !== 0) throw new Error(err)
    })

    test('logs JSON, serves, and ends with 0 when it is told to', async () => {
      const unit = start()
      const url = urlIn(await unit.wrote(/"message":"listening"/))
      expect((await fetch(`${url}/diary/south`)).status).toBe(200)
      unit.process.kill('SIGTERM')
      expect(await unit.ended).toBe(0)
      const lines = unit
        .text()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: string; message: string })
      expect(lines.filter(({ level }) => level !== 'info')).toEqual([])
      expect(lines.find(({ message }) => message === 'listening')).toMatchObject({
        app: server.app,
        topology: 'one',
        unit: 'all',
        services: ['beds', 'diary'],
        connections: { budget: 20 },
      })
      expect(lines.at(-1)!.message).toMatch(/^draining/)
    })

    test('ends at once with 130 when it is told twice', async () => {
      const unit = start()
      await lingeringRequest(unit)
      unit.process.kill('SIGINT')
      await unit.wrote(/draining/)
      await unit.toldAgain()
      expect(await unit.ended).toBe(130)
    })

    test('told to stop before it is ready, it stops what it has started', async () => {
      const cwd = gardenCopy()
      const { DATABASE_URL: _none, ...embedded } = env
      const unit = spawnBanyan(['start', '--port', '0', '--development'], { cwd, env: embedded })
      await expect.poll(() => readPostmaster(join(cwd, '.banyan/postgres')), { interval: 5 }).toBeDefined()
      unit.process.kill('SIGTERM')
      expect(await unit.ended).toBe(0)
      expect(unit.text()).toContain('stopped before it was ready')
      expect(readPostmaster(join(cwd, '.banyan/postgres'))).toBeUndefined()
    })

    test('says that the port is in use', async () => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as AddressInfo
      const unit = spawnBanyan(['start'], { cwd: garden, env: { ...env, PORT: String(port) } })
      expect(await unit.ended).toBe(1)
      expect(unit.text()).toContain('error port_in_use: ')
      other.close()
    })
  })

  test.each([
    [['--topology', 'split'], {}, "error invalid_topology: topology 'split' has several units and none was chosen; its units are front, back"],
    [
      ['--topology', 'split', '--unit', 'front'],
      { BANYAN_ADDRESSES: '{"back":"nowhere"}' },
      'error invalid_configuration: BANYAN_ADDRESSES is \'{"back":"nowhere"}\'; it is JSON such as',
    ],
    [['--topology', 'split', '--unit', 'front'], { BANYAN_ADDRESSES: '{' }, "error invalid_configuration: BANYAN_ADDRESSES is '{'"],
    [['--topology', 'split', '--unit', 'front'], {}, 'error invalid_configuration: BANYAN_SECRET is not set'],
    [[], { PORT: 'http' }, "error invalid_configuration: PORT is 'http', which is no port"],
  ])('%j with %j is refused', async (args, more, message) => {
    const { code, err } = await banyan(['start', ...args], { cwd: garden, env: { DATABASE_URL: server.url, ...more } })
    expect(err).toContain(message)
    expect(code).toBe(1)
  })
})

test('a reader who leaves early is no failure', async () => {
  const listing = spawnBanyan(['services'], { cwd: garden, env })
  listing.process.stdout!.destroy()
  expect(await listing.ended).toBe(0)
  expect(listing.text()).toBe('')
})
