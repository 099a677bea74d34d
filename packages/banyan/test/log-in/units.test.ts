import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiKeyBook, type ApiKeyBook } from '../../src/security/api-key-book.ts'
import { makeAuthTables } from '../../src/security/auth-tables.ts'
import { openServer, type DatabaseServer } from '../../src/store/server.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { unitProcess } from '../../src/testing/unit-process.ts'
import { authority, hasOpenssl, NO_OPENSSL, type Authority } from '../http/certificates.ts'
import { testProvider, type TestProvider } from './provider.ts'
import { Visitor } from './visitor.ts'

describe.skipIf(!hasOpenssl)(`two processes of one app under TLS${hasOpenssl ? '' : `: skipped, ${NO_OPENSSL}`}`, () => {
  let home: Authority
  let provider: TestProvider
  let installation: TestInstallation
  let server: DatabaseServer
  let book: ApiKeyBook
  const units: AsyncDisposable[] = []
  let hall: string
  let annex: string

  beforeAll(async () => {
    const [first, second, third] = await freePorts(3)
    ;[hall, annex] = [`https://127.0.0.1:${first}`, `https://127.0.0.1:${second}`]
    home = authority('home')
    setDefaultCACertificates([...getCACertificates('default'), home.ca])
    provider = await testProvider(third!, [hall, annex])
    installation = await testInstallation()
    const { name, database, directory } = installation.options
    server = await openServer({ app: name, url: database, dataDirectory: directory })
    await makeAuthTables(server.admin, server.app)
    book = apiKeyBook({ app: name, prefix: 'club', sql: server.admin })
    Object.assign(process.env, { CLUB_ISSUER: provider.issuer, CLUB_SECRET: provider.clientSecret })
    const both = { ...installation.options, topology: 'apart', addresses: { hall, annex }, secret: 'a secret that the two units share' }
    for (const [unit, port] of [
      ['hall', first],
      ['annex', second],
    ] as const) {
      const { cert, key, ca } = home.files(home.unit(unit))
      Object.assign(process.env, { BANYAN_TLS_CERT: cert, BANYAN_TLS_KEY: key, BANYAN_TLS_CA: ca })
      // one after the other: each has read its files when it answers
      units.push(await unitProcess(import.meta.resolve('./houses.ts'), { ...both, unit, port: port! }))
    }
  })
  afterAll(async () => {
    await Promise.all(units.map((unit) => unit[Symbol.asyncDispose]()))
    await server?.[Symbol.asyncDispose]()
    await provider?.[Symbol.asyncDispose]()
    await installation?.[Symbol.asyncDispose]()
    home?.[Symbol.dispose]()
  })

  const cookie = () => `__Host-${installation.options.name}-session`
  const own = { 'sec-fetch-site': 'same-origin' }
  /** What each unit answers to somebody, for both services. */
  const seen = async (headers: Record<string, string>) => {
    const asked = [hall, annex].flatMap((url) => [`${url}/me`, `${url}/books`])
    const answers = await Promise.all(asked.map((url) => fetch(url, { headers })))
    return Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))
  }
  const statuses = async (headers: Record<string, string>) => (await seen(headers)).map(([status]) => status)
  const logIn = async (at: string) => {
    const visitor = new Visitor()
    const back = await visitor.logInAtProvider(`${at}/auth/login?return_to=/me`, 'ada')
    const answer = await visitor.ask(back)
    expect(answer.status).toBe(303)
    return { visitor, answer, secret: visitor.jar(at).get(cookie())! }
  }

  test('cookies are Secure, of this host alone, and taken under no other name', async () => {
    const begun = await new Visitor().ask(`${hall}/auth/login`)
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-[\w-]+-log-in=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=600$/) as string,
    ])
    const { answer, secret, visitor } = await logIn(hall)
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-[\w-]+-log-in=; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=0$/) as string,
      `${cookie()}=${secret}; Path=/; HttpOnly; SameSite=Lax; Secure`,
    ])
    expect(await statuses({ cookie: `${cookie().slice('__Host-'.length)}=${secret}` })).toEqual([401, 401, 401, 401])
    const out = await visitor.ask(`${hall}/auth/logout`, { method: 'POST', headers: own })
    expect(out.headers.getSetCookie()).toEqual([`${cookie()}=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0`])
  })

  test.each([
    ['the one', () => [hall, annex] as const],
    ['the other', () => [annex, hall] as const],
  ])('who logs in at %s is known at both, and after logging out there at neither', async (_where, places) => {
    const [here, there] = places()
    const { visitor, secret } = await logIn(here)
    const headers = { cookie: `${cookie()}=${secret}` }
    expect((await seen(headers)).map(([status, body]) => [status, (body as { subject?: string }).subject])).toEqual([
      [200, 'ada'],
      [403, undefined],
      [200, 'ada'],
      [403, undefined],
    ])
    expect((await fetch(`${there}/auth/session`, { headers })).status).toBe(200)
    expect((await visitor.ask(`${here}/auth/logout`, { method: 'POST', headers: own })).status).toBe(200)
    expect((await fetch(`${here}/me`, { headers })).status, 'at once where it was').toBe(401)
    // within two seconds elsewhere, which `sessions.test.ts` holds by the clock
    await expect.poll(() => statuses(headers)).toEqual([401, 401, 401, 401])
  })

  test('a log-in that began at one is not finished at the other by another browser', async () => {
    const visitor = new Visitor()
    const back = await visitor.logInAtProvider(`${hall}/auth/login`, 'ada')
    expect((await new Visitor().ask(back.replace(hall, annex))).status).toBe(401)
  })

  test('an API key is good at both, its scopes with it, until it is revoked or its overlap is over', async () => {
    const { id, text } = await book.create({ name: 'nightly', scopes: ['books:read'] })
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
    expect(await seen(bearer(text))).toEqual([
      [200, { subject: `key:${id}` }],
      [200, { seen: `key:${id}` }],
      [200, { subject: `key:${id}` }],
      [200, { seen: `key:${id}` }],
    ])
    const next = await book.rotate(id, '0s')
    await expect.poll(() => statuses(bearer(text))).toEqual([401, 401, 401, 401])
    expect(await statuses(bearer(next.text))).toEqual([200, 200, 200, 200])
    await book.revoke(id)
    await expect.poll(() => statuses(bearer(next.text))).toEqual([401, 401, 401, 401])
  })

  test('a key without the scope is known at both and refused at both, whatever its roles are called', async () => {
    const { text } = await book.create({ name: 'curious', scopes: [], roles: ['books:read'] })
    expect(await statuses({ authorization: `Bearer ${text}` })).toEqual([200, 403, 200, 403])
  })
})
