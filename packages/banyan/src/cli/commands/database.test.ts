import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { garden, gardenEnv } from '../../../test/cli/garden-project.ts'
import { banyan } from '../../../test/cli/memory-io.ts'
import type { DatabaseServer } from '../../store/server.ts'
import { testServer } from '../../testing/database.ts'

let server: DatabaseServer
let env: Record<string, string>
beforeAll(async () => {
  server = await testServer()
  env = gardenEnv(server)
  // the configuration is imported into this process
  process.env['GARDEN'] = server.app
})
afterAll(() => server[Symbol.asyncDispose]())
const run = (...argv: string[]): ReturnType<typeof banyan> => banyan(argv, { cwd: garden, env })

test('events need migrations, and say so', async () => {
  expect(await run('events')).toMatchObject({ code: 1, err: expect.stringMatching(/^error migration_pending: schema .*; run `banyan migrate`\n$/) as string })
})

describe('migrate', () => {
  test('lists what is pending and changes nothing', async () => {
    const { code, out } = await run('migrate', '--dry-run')
    expect(code).toBe(0)
    expect(out).toMatch(/^beds {3}pending {2}banyan 0001_\w+.*\ndiary {2}pending {2}banyan 0001_/m)
    expect((await run('migrate', '--dry-run', '--json')).out).toContain('"banyan 0001_')
  })

  test('applies what is missing, for one unit and for all, and no more the second time', async () => {
    expect((await run('migrate', '--topology', 'split', '--unit', 'back')).out).toMatch(/^diary {2}applied {2}banyan 0001_\w+/m)
    const { out } = await run('migrate')
    expect(out).toMatch(/^beds {3}applied {2}banyan 0001_/m)
    expect(out).toMatch(/^diary {2}up to date$/m)
    expect(JSON.parse((await run('migrate', '--json')).out)).toEqual({ beds: [], diary: [] })
    expect((await run('migrate', '--dry-run')).out).toMatch(/^beds {3}up to date\ndiary {2}up to date$/m)
  })

  test('says which topologies and units there are', async () => {
    expect(await run('migrate', '--topology', 'many')).toMatchObject({
      code: 1,
      err: expect.stringContaining("has no topology 'many'; its topologies are one, split") as string,
    })
    expect(await run('migrate', '--topology', 'split', '--unit', 'up')).toMatchObject({
      code: 1,
      err: expect.stringContaining("has no unit 'up'; its units are front, back") as string,
    })
  })

  test('says when the database cannot be reached', async () => {
    const unreachable = { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
    expect(await banyan(['migrate'], { cwd: garden, env: unreachable })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error database_unreachable: /) as string,
    })
  })
})

describe('db plan', () => {
  beforeEach(async () => void (await server.admin.query('select 1')))

  test('is SQL and nothing else, which a server takes as often as one likes', async () => {
    const { out, err } = await run('db', 'plan')
    expect(err).toBe('')
    expect(out.split('\n').filter((line) => !/^(--|do|alter|grant|create|$)/.test(line))).toEqual([])
    await server.admin.query(out)
    await server.admin.query(out)
  })

  test('is for the services of one unit where one is named', async () => {
    const { out } = await run('db', 'plan', '--topology', 'split', '--unit', 'back')
    expect(out).toContain('-- service diary')
    expect(out).not.toContain('-- service beds')
  })
})
