import { inspect } from 'node:util'
import { runners, type RunnerOptions } from 'banyan/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import config from '../banyan.config.ts'
import type { OpenShop } from '../test/open.ts'
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
  ]
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
})
