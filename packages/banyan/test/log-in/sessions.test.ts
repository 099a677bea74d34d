import { afterAll, beforeAll, expect, test } from 'vitest'
import { authTable, makeAuthTables } from '../../src/security/auth-tables.ts'
import { postgresSessions } from '../../src/security/postgres-sessions.ts'
import { Sessions } from '../../src/security/sessions.ts'
import type { DatabaseServer } from '../../src/store/server.ts'
import { testServer } from '../../src/testing/database.ts'

let server: DatabaseServer
let monotonic = 0
beforeAll(async () => {
  server = await testServer()
  await makeAuthTables(server.admin, server.app)
})
afterAll(() => server[Symbol.asyncDispose]())

const HOUR = 3_600_000
const ada = { subject: 'ada', roles: [], tenant: 'default' }
const open = () =>
  new Sessions({
    store: postgresSessions({ app: server.app, sql: server.admin }),
    times: { idleMs: HOUR, lastingMs: 3 * HOUR },
    clock: { monotonic: () => monotonic },
  })
/** As if all sessions had been begun, and used last, so much earlier. */
const later = async (minutes: number) => {
  monotonic += minutes * 60_000
  const back = `- ${minutes} * interval '1 minute'`
  await server.admin.query(`update ${authTable(server.app, 'session')} set began = began ${back}, expires = expires ${back}, ends = ends ${back}`)
}

test('a session that is used lasts, up to its end', async () => {
  const sessions = open()
  const secret = await sessions.begin(ada, {}, undefined)
  const lasts: boolean[] = []
  for (const minutes of [50, 50, 50, 29, 2]) {
    await later(minutes)
    lasts.push((await sessions.find(secret)) !== undefined)
  }
  expect(lasts).toEqual([true, true, true, true, false])
  expect(await sessions.list(ada)).toEqual([])
})

test('one that nobody uses for the idle time is over', async () => {
  const sessions = open()
  const secret = await sessions.begin(ada, { agent: 'a browser' }, undefined)
  await later(59)
  expect((await sessions.list(ada)).map(({ about }) => about)).toEqual([{ agent: 'a browser' }])
  await later(1)
  expect(await sessions.find(secret)).toBeUndefined()
})

test('being used is written at most every twentieth of the idle time', async () => {
  const sessions = open()
  const secret = await sessions.begin(ada, {}, undefined)
  const expires = async () => (await sessions.list(ada))[0]!.expires
  const first = await expires()
  monotonic += 2_000
  await sessions.find(secret)
  expect(await expires()).toEqual(first)
  await later(4)
  await sessions.find(secret)
  expect((await expires()).getTime()).toBeGreaterThanOrEqual(first.getTime())
})

test('a session that ends in one process is over in another within two seconds', async () => {
  const [here, there] = [open(), open()]
  const secret = await here.begin(ada, {}, undefined)
  await there.find(secret)
  await here.end(secret)
  expect(await here.find(secret)).toBeUndefined()
  monotonic += 2_000
  expect(await there.find(secret)).toBeUndefined()
})

test('what is over is removed by those who log in', async () => {
  const sessions = open()
  for (let index = 0; index < 30; index++) await sessions.begin(ada, {}, undefined)
  await later(600)
  for (let index = 0; index < 3; index++) await sessions.begin(ada, {}, undefined)
  const { rows } = await server.admin.query(`select from ${authTable(server.app, 'session')}`)
  expect(rows.length).toBe(3)
})
