import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { app, single, start, type BanyanError } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openServer } from '../../src/store/server.ts'
import { testInstallation } from '../../src/testing/installation.ts'
import bank from './bank.ts'

async function refusal(options: Parameters<typeof start>[1]): Promise<string> {
  const error = await start(bank, { log: silentLog, port: 0, ...options }).then(
    async (running) => {
      await running[Symbol.asyncDispose]()
      return { code: 'started', message: '' }
    },
    (thrown: BanyanError) => thrown,
  )
  return `${error.code}: ${error.message}`
}

test('what cannot be started says why, and what there is', async () => {
  const secret = 'long enough for two units to share'
  expect(await refusal({ topology: 'three' })).toBe("invalid_topology: app 'bank' has no topology 'three'; its topologies are one, apart, listed")
  expect(await refusal({ topology: 'apart' })).toBe("invalid_topology: topology 'apart' has several units and none was chosen; its units are money, joy")
  expect(await refusal({ topology: 'apart', unit: 'fun' })).toBe("invalid_topology: topology 'apart' has no unit 'fun'; its units are money, joy")
  expect(await refusal({ topology: 'apart', unit: 'joy' })).toMatch(/^invalid_configuration: BANYAN_SECRET is not set/)
  expect(await refusal({ topology: 'apart', unit: 'joy', secret: 'short' })).toMatch(/^invalid_configuration: .*has 5 characters; it needs 32 or more/)
  expect(await refusal({ topology: 'listed', unit: 'joy', secret })).toMatch(
    /^invalid_configuration: the registry of topology 'listed' is 'static', and unit 'money' has no address; give it a url/,
  )
})

test('outside development nothing is migrated, and a start without migrations is refused', async () => {
  await using installation = await testInstallation()
  const production = { ...installation.options, development: false as const }
  expect(await refusal(production)).toMatch(/^(migration_pending|database_login_failed|database_roles): .*banyan (migrate|db plan)/)
  const developed = await start(bank, { ...installation.options, log: silentLog })
  await developed[Symbol.asyncDispose]()
  const running = await start(bank, { ...production, log: silentLog })
  try {
    await expect(running.token({ subject: 'ada' })).rejects.toMatchObject({ code: 'invalid_configuration' })
    const answer = await fetch(`${running.url}/_development/token`, {
      method: 'POST',
      body: '{"subject":"ada"}',
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(404)
  } finally {
    await running[Symbol.asyncDispose]()
  }
})

test('a port that is taken is named', async () => {
  await using installation = await testInstallation()
  const running = await start(bank, { ...installation.options, log: silentLog })
  try {
    const port = Number(new URL(running.url).port)
    expect(await refusal({ ...installation.options, port })).toBe(
      `port_in_use: port ${port} of 127.0.0.1 is in use; stop what listens there or choose another port`,
    )
  } finally {
    await running[Symbol.asyncDispose]()
  }
})

test('a server that may lose data is refused, unless the topology says that it may', async () => {
  await using installation = await testInstallation()
  const { directory, name } = installation.options
  chmodSync(directory, 0o755)
  await using server = await openServer({ app: name, dataDirectory: join(directory, 'careless'), embedded: { listening: 'tcp' } })
  await server.admin.query('alter system set fsync = off')
  await server.admin.query('select pg_reload_conf()')
  const options = { ...installation.options, database: server.url, log: silentLog }
  await expect.poll(() => refusal(options)).toMatch(/^database_unsafe: .* runs with fsync off, .*`unsafe: true` in the topology/)
  const careless = app(bank.name, { services: bank.services as Record<string, never>, topologies: { one: single({ unsafe: true }) } })
  const running = await start(careless, options)
  expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
  await running[Symbol.asyncDispose]()
})

test('a start that is given up closes what it has opened, and throws the reason', async () => {
  await using installation = await testInstallation()
  const reason = new Error('changed my mind')
  await expect(start(bank, { ...installation.options, log: silentLog, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const during = new AbortController()
  const starting = start(bank, { ...installation.options, log: silentLog, signal: during.signal })
  setImmediate(() => during.abort(reason))
  await expect(starting).rejects.toBe(reason)
})

test('health is told without a token', async () => {
  await using installation = await testInstallation()
  const running = await start(bank, { ...installation.options, log: silentLog })
  try {
    expect((await fetch(`${running.url}/livez`)).status).toBe(200)
    const ready = await fetch(`${running.url}/readyz`)
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ready', checks: { database: { ok: true } } }])
  } finally {
    await running[Symbol.asyncDispose]()
  }
})
