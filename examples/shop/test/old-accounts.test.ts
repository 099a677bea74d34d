import { testInstallation, type TestInstallation } from 'banyan/testing'
import { decodeJwt } from 'jose'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startShop, type Shop } from '../shop.ts'
import { users } from '../users/contract.ts'
import { isOutdated } from '../users/password.ts'
import { authenticator } from './authenticator.ts'
import { loggedIn } from './logged-in.ts'

/** `password`, as the reference implementation hashed it when memory was dearer elsewhere. */
const REFERENCE = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
const ada = { email: 'ada@example.com', name: 'Ada', password: 'rain on a tin roof' }
let installation: TestInstallation
let shop: Shop
let database: pg.Client

beforeAll(async () => {
  installation = await testInstallation()
  shop = await startShop(installation.options)
  database = new pg.Client({ connectionString: installation.options.database })
  await database.connect()
  await shop.call.users.register(ada)
})
afterAll(async () => {
  await database.end()
  await shop[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

/** In the service's own schema; for one transaction, as a pooler wants it. */
async function inUsers<Row extends object>(text: string, values?: unknown[]): Promise<Row[]> {
  await database.query('begin')
  await database.query(`set local search_path to ${installation.options.name}_users`)
  const { rows } = await database.query<Row & pg.QueryResultRow>(text, values)
  await database.query('commit')
  return rows
}

async function storedPassword(): Promise<string> {
  const [account] = await inUsers<{ password: string }>('select password from account where email = $1', [ada.email])
  return account!.password
}

test('a password hashed at another cost is hashed anew when it is next given, not when a wrong one is', async () => {
  await inUsers('update account set password = $1', [REFERENCE])
  const wrong = await shop.call.users.logIn.result({ email: ada.email, password: 'passwort' })
  expect(!wrong.ok && users.logIn.errors.WrongCredentials.is(wrong.error)).toBe(true)
  expect(await storedPassword()).toBe(REFERENCE)
  await shop.call.users.logIn({ email: ada.email, password: 'password' })
  const anew = await storedPassword()
  expect([anew === REFERENCE, isOutdated(anew)]).toEqual([false, false])
  await shop.call.users.logIn({ email: ada.email, password: 'password' })
  expect(await storedPassword()).toBe(anew)
})

test('a session that nobody refreshed for its time is over, and swept away by the next log-in', async () => {
  const { refreshToken } = await loggedIn(shop.call, { email: ada.email, password: 'password' })
  await inUsers("update session set expires_at = now() - interval '1 second'")
  const refused = await shop.call.users.refresh.result({ refreshToken })
  expect(!refused.ok && users.refresh.errors.RefreshRefused.is(refused.error)).toBe(true)
  await shop.call.users.logIn({ email: ada.email, password: 'password' })
  const rows = await inUsers('select session.session_id from session join refresh_token using (session_id)')
  expect(rows).toHaveLength(1)
})

test('what is kept lets nobody in', async () => {
  const credentials = { email: ada.email, password: 'password' }
  const { accessToken, refreshToken } = await loggedIn(shop.call, credentials)
  const { sub } = decodeJwt(accessToken)
  const own = shop.as({ subject: sub!, roles: ['customer'] })
  const { secret, uri } = await own.users.enrolSecondFactor({ password: credentials.password })
  const app = authenticator(uri)
  const { recoveryCodes } = await own.users.confirmSecondFactor({ code: app.code() })
  const asked = await shop.call.users.logIn(credentials)
  const challenge = 'challenge' in asked ? asked.challenge : ''
  await expect(shop.call.users.answerChallenge({ challenge, code: app.wrong() })).rejects.toMatchObject({ code: 'WrongCode' })
  const tables = await inUsers<{ name: string }>('select quote_ident(tablename) as name from pg_tables where schemaname = current_schema()')
  for (const { name } of tables) {
    const rows = await inUsers<{ row: string }>(`select t::text as row from ${name} t`)
    const text = rows.map(({ row }) => row).join('\n')
    for (const told of [ada.password, accessToken, refreshToken, secret, challenge, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll('-', ''))])
      expect(text.includes(told), name).toBe(false)
  }
})
