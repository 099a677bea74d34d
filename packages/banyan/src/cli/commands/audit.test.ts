import { afterAll, beforeAll, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { garden, gardenEnv } from '../../../test/cli/garden-project.ts'
import { banyan } from '../../../test/cli/memory-io.ts'
import type { AnyContract } from '../../model/contract.ts'
import type { App } from '../../model/app.ts'
import { silentLog } from '../../observe/log.ts'
import { start } from '../../runtime/start.ts'
import type { DatabaseServer } from '../../store/server.ts'
import { testServer } from '../../testing/database.ts'

type Sow = (input: { bed: string; plant: string }) => Promise<void>
let server: DatabaseServer
const refusals: unknown[] = []
const directory = mkdtempSync(join(tmpdir(), 'banyan-audit-'))

beforeAll(async () => {
  server = await testServer()
  process.env['GARDEN'] = server.app
  const { default: app } = (await import('../../../test/cli/garden/banyan.config.ts')) as unknown as { default: App<Record<string, AnyContract>> }
  // what was refused is written down at the latest when it stops
  await using running = await start(app, { database: server.url, development: true, port: 0, directory, log: silentLog })
  const sow = (subject: string, roles: string[]) =>
    (running.as({ subject, roles }) as unknown as { beds: { sow: Sow } }).beds.sow({ bed: 'south', plant: 'opium poppy' })
  await sow('ada', ['gardener'])
  for (let n = 0; n < 2; n++) await sow('eve', ['cook']).catch((error: unknown) => refusals.push(error))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const run = (...argv: string[]) => banyan(['audit', ...argv], { cwd: garden, env: gardenEnv(server) })

test('what was executed and what was refused stand side by side, and no input', async () => {
  expect(refusals).toMatchObject([{ code: 'forbidden' }, { code: 'forbidden' }])
  const { code, out } = await run('beds')
  expect(code).toBe(0)
  expect(out).toMatch(/^\S+Z {2}executed {2}ada {2}default {2}beds\.sow {11}[0-9a-f-]{36}$/m)
  expect(out).toMatch(/^\S+Z {2}refused {3}eve {2}default {2}beds\.sow {2}2 times {2}lacks role gardener$/m)
  expect(out).not.toContain('poppy')
})

test('they are filtered', async () => {
  const json = async (...argv: string[]) =>
    (await run(...argv, '--json')).out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(await json('--subject', 'eve')).toMatchObject([{ decision: 'refused', rule: 'role gardener', lacks: ['role gardener'], caller: null, times: 2 }])
  expect(await json('beds', '--refused')).toHaveLength(1)
  expect(await json('beds', '--operation', 'sow', '--tenant', 'default')).toHaveLength(2)
  expect(await json('--tenant', 'other')).toEqual([])
  expect((await run('--subject', 'nobody')).err).toBe('nothing was done or refused in this time; --since looks further back\n')
})

test('a name that is none is told', async () => {
  expect((await run('--operation', 'sew')).err).toBe("nothing was done or refused, and no operation of beds, diary is called 'sew'; did you mean 'sow'?\n")
  expect((await run('beds', '--operation', 'beds.sow')).err).toContain("no operation of beds is called 'beds.sow'; did you mean 'sow'?")
  // before any database is asked
  const elsewhere = { cwd: garden, env: { ...gardenEnv(server), DATABASE_URL: 'postgres://127.0.0.1:1/none' } }
  expect(await banyan(['audit', 'bed'], elsewhere)).toMatchObject({ code: 2, err: expect.stringContaining("did you mean 'beds'?") })
})
