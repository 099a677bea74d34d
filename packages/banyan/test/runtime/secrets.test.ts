import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
import { createLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import castle, { addKey, ring } from './vault.ts'
import { freePorts } from '../../src/testing/free-ports.ts'

const PASSWORD = 'opensesame'
let installation: TestInstallation
let keep: Awaited<ReturnType<typeof open>>
let yard: Awaited<ReturnType<typeof open>>
let addresses: Record<string, string>
let logged: string[]

function open(unit: 'keep' | 'yard') {
  const log = createLog({ level: 'debug', destination: { write: (line) => logged.push(line) } })
  const port = Number(new URL(addresses[unit]!).port)
  const secret = 'a secret that the two units share'
  return start(castle, { ...installation.options, topology: 'apart', unit, addresses, port, secret, log })
}

beforeAll(async () => {
  await addKey('k1')
  installation = await testInstallation()
  const [first, second] = await freePorts(2)
  addresses = { keep: `http://127.0.0.1:${first}`, yard: `http://127.0.0.1:${second}` }
  logged = []
  yard = await open('yard')
  keep = await open('keep')
})
beforeEach(() => void logged.splice(0))
afterAll(async () => {
  await keep[Symbol.asyncDispose]()
  await yard[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

describe.each([
  ['in its own unit', () => keep],
  ['through another unit', () => yard],
])('a secret command, %s', (_where, unit) => {
  test('is executed once under a key, and a repeat is told so instead of answered', async () => {
    const [name, once] = [uuidv7(), { idempotencyKey: uuidv7() }]
    const { token } = await unit().call.vault.logIn({ name, password: PASSWORD }, once)
    expect(token).toMatch(/^ey/)
    for (const password of [PASSWORD, 'another', 'wrong']) {
      expect(await unit().call.vault.logIn.result({ name, password }, once)).toMatchObject({
        ok: false,
        error: { code: 'answer_not_kept', status: 409, retryable: false, message: expect.stringContaining('send a new command under a new key') },
      })
    }
    expect(await unit().call.vault.logIns({ name })).toEqual({ count: 1 })
  })

  test('of repeats at the same time one is answered', async () => {
    const [name, once] = [uuidv7(), { idempotencyKey: `all-at-once-${uuidv7()}` }]
    const results = await Promise.all(Array.from({ length: 6 }, () => unit().call.vault.logIn.result({ name, password: PASSWORD }, once)))
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(new Set(results.flatMap((result) => (result.ok ? [] : [result.error.code])))).toEqual(new Set(['answer_not_kept']))
    expect(await unit().call.vault.logIns({ name })).toEqual({ count: 1 })
  })

  test('that was refused may come again under its key', async () => {
    const [name, once] = [uuidv7(), { idempotencyKey: uuidv7() }]
    expect(await unit().call.vault.logIn.result({ name, password: 'wrong' }, once)).toMatchObject({ ok: false, error: { code: 'Wrong' } })
    expect(await unit().call.vault.logIn({ name, password: PASSWORD }, once)).toHaveProperty('token')
  })

  test('answers over HTTP, and a repeat is a problem', async () => {
    const key = uuidv7()
    const send = () =>
      fetch(`${unit().url}/log-ins`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ name: 'ada', password: PASSWORD }),
      })
    const first = await send()
    expect([first.status, first.headers.get('cache-control'), await first.json()]).toMatchObject([200, 'no-store', { token: expect.any(String) }])
    const repeat = await send()
    expect([repeat.status, await repeat.json()]).toMatchObject([409, { code: 'answer_not_kept', detail: expect.stringContaining('vault.logIn was executed') }])
  })

  test('that fails is logged without what it said', async () => {
    const failed = await unit().call.vault.logIn.result({ name: 'clumsy', password: PASSWORD })
    expect(failed).toMatchObject({ ok: false, error: { code: 'internal' } })
    expect(JSON.stringify([failed, String(!failed.ok && failed.error)])).not.toContain(PASSWORD)
    expect(logged.join('')).toContain('vault.logIn failed')
    expect(logged.join('')).not.toContain(PASSWORD)
  })
})

test('a secret command cannot be sent', async () => {
  const sent = await yard.call.hall.wave.result({ name: 'bo', password: PASSWORD })
  expect(sent).toMatchObject({ ok: false, error: { code: 'invalid_transaction', message: expect.stringContaining('hall sent vault.logIn, which is secret') } })
})

test('but called by another service', async () => {
  await yard.call.hall.letIn({ name: 'dora', password: PASSWORD })
  expect(await keep.call.vault.logIns({ name: 'dora' })).toEqual({ count: 1 })
})

test('neither input nor answer, nor a hash of them, is anywhere in the database', async () => {
  const { name } = installation.options
  const client = new pg.Client({ connectionString: installation.options.database })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ table: string }>(
      "select format('%I.%I', schemaname, tablename) as table from pg_tables where schemaname like $1",
      [`${name}\\_%`],
    )
    const all: string[] = []
    for (const { table } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${table} t`)
      all.push(...rows.map(({ row }) => row))
    }
    expect(all.filter((row) => row.includes('logIn')).length).toBeGreaterThan(0)
    const { sign } = ring[0]!
    const header = (await sign('x')).split('.')[0]!
    for (const secret of [PASSWORD, header]) expect(all.filter((row) => row.includes(secret))).toEqual([])
    const keys = await client.query<{ input: string; result: string }>(`select distinct input, result::text from ${name}_vault.banyan_keys`)
    expect(keys.rows).toEqual([{ input: '', result: '{}' }])
  } finally {
    await client.end()
  }
})
