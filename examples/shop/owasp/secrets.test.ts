import { inspect } from 'node:util'
import { runners, type RunnerOptions } from 'banyan/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import config from '../banyan.config.ts'
import type { OpenShop } from '../test/open.ts'
import { authenticator } from '../test/authenticator.ts'
import { visit } from '../test/visit.ts'
import { member } from './surface.ts'

type RootLog = NonNullable<RunnerOptions['log']>

/** Everything that is logged at any level, as it is before anything is blanked; and whatever else is written. */
const said: string[] = []
const note = (message: string, fields?: object): void => void said.push(message, inspect(fields, { depth: 20 }))
const log: RootLog = { debug: note, info: note, warn: note, error: note, child: () => log }

let shop: OpenShop
beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  shop = await runners[0].start(config, { log })
})
afterAll(async () => {
  vi.restoreAllMocks()
  await shop[Symbol.asyncDispose]()
})

test('passwords, tokens, keys and cookies are in nothing that the shop says', async () => {
  const { http, product } = visit(shop)
  const own = await member({ http })
  const body = { lines: [{ sku: await product(3), quantity: 1 }], card: 'tok_twice' }
  await http('POST', '/orders', { token: own.accessToken, body })
  await http('POST', '/orders', { token: `${own.accessToken}x`, body })
  await http('POST', '/sessions', { body: { email: own.email, password: 'the wrong secret word' } })
  await http('POST', '/sessions', { body: { email: own.email, password: ['the wrong secret word'] } })
  await http('POST', '/sessions/refresh', { body: { refreshToken: own.refreshToken } })
  await http('POST', '/sessions/refresh', { body: { refreshToken: own.refreshToken } })
  const post = async (path: string, body: object) =>
    (await http('POST', path, { token: own.accessToken, body })).body as { secret: string; uri: string; recoveryCodes: string[]; challenge: string }
  const { secret, uri } = await post('/me/second-factor', { password: own.password })
  const app = authenticator(uri)
  const typed = [app.wrong(), app.code()]
  await post('/me/second-factor/confirmation', { code: typed[0] })
  const { recoveryCodes } = await post('/me/second-factor/confirmation', { code: typed[1] })
  const { challenge } = await post('/sessions', { email: own.email, password: own.password })
  typed.push(app.code())
  await post('/sessions/second-factor', { challenge, code: recoveryCodes[0] })
  await post('/sessions/second-factor', { challenge: [challenge], code: recoveryCodes[1] })
  await post('/sessions/second-factor', { challenge, code: typed[2] })
  await post('/me/second-factor/end', { code: typed[2] })
  await fetch(`${shop.url}/me?access_token=${own.accessToken}`, {
    headers: { cookie: 'session=crumbs-of-a-cookie', authorization: 'Basic dXNlcjpwYXNzd29yZA==' },
  })
  await fetch(`${shop.url}/_nothing/${own.refreshToken}`, { headers: { 'x-api-key': 'a-key-of-somebody' } })
  await shop.quiet()
  log.error('a canary', { error: new Error(own.email) })
  const all = said.join('\n')
  expect(all).toContain(own.email)
  const secrets = [
    own.password,
    'the wrong secret word',
    own.accessToken,
    own.refreshToken,
    'crumbs-of-a-cookie',
    'dXNlcjpwYXNzd29yZA',
    'a-key-of-somebody',
    'tok_twice',
    secret,
    challenge,
    ...recoveryCodes,
  ]
  expect(recoveryCodes).toHaveLength(10)
  expect(secrets.filter((one) => all.includes(one))).toEqual([])
  // six digits may stand in a longer number by chance
  expect(typed.filter((code) => new RegExp(`(?<![\\d.:-])${code}(?![\\d.])`).test(all))).toEqual([])
})
