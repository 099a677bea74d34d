import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import club from './club.ts'
import { testProvider, type TestProvider } from './provider.ts'
import { Visitor } from './visitor.ts'

let provider: TestProvider
let installation: TestInstallation
let running: Awaited<ReturnType<typeof start>>
let url: string

beforeAll(async () => {
  const [port, providerPort] = await freePorts(2)
  provider = await testProvider(providerPort!, [`http://127.0.0.1:${port}`])
  installation = await testInstallation()
  process.env['CLUB_ISSUER'] = provider.issuer
  process.env['CLUB_SECRET'] = provider.clientSecret
  running = await start(club, { ...installation.options, development: true, port: port!, log: silentLog })
  url = running.url
})
afterAll(async () => {
  await running?.[Symbol.asyncDispose]()
  await provider?.[Symbol.asyncDispose]()
  await installation?.[Symbol.asyncDispose]()
})

async function logIn(name: string, returnTo = '/me', visitor = new Visitor()): Promise<Visitor> {
  const back = await visitor.logInAtProvider(`${url}/auth/login?return_to=${encodeURIComponent(returnTo)}`, name)
  const answer = await visitor.ask(back)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, returnTo])
  return visitor
}
const me = async (visitor: Visitor) => {
  const answer = await visitor.ask(`${url}/me`)
  const body = (await answer.json()) as { subject?: string; code?: string }
  return [answer.status, body.subject ?? body.code]
}

describe('log-in with an identity provider', () => {
  test('says who somebody is, until they log out', async () => {
    const ada = await logIn('ada')
    expect(await me(ada)).toEqual([200, 'ada'])
    expect(await (await ada.ask(`${url}/auth/session`)).json()).toMatchObject({
      subject: 'ada',
      roles: ['member'],
      tenant: 'default',
      name: 'ada of the club',
      email: 'ada@example.com',
    })
    const out = await ada.ask(`${url}/auth/logout`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })
    expect([out.status, await out.json()]).toEqual([200, { next: expect.stringContaining(`${provider.issuer}/session/end?`) }])
    expect(await me(ada)).toEqual([401, 'unauthenticated'])
  })
})
