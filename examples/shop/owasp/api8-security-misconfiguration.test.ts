import { start } from 'banyan'
import { testInstallation } from 'banyan/testing'
import { expect, test } from 'vitest'
import config from '../banyan.config.ts'
import { openSurface } from './surface.ts'

// OWASP API8:2023, Security Misconfiguration
const surface = openSurface()
const inside = /\bat .+\.ts:|node_modules|\/packages\/|select .+ from|postgres(ql)?:\/\/|banyan_/i

test('failures tell nothing of the inside', async () => {
  const { http, shop } = surface()
  const answers = [
    await http('GET', '/nothing/here'),
    await http('GET', "/orders/'; drop table orders; --", { as: 'ada' }),
    await http('POST', '/orders', { as: 'ada', body: 'no object' }),
    await http('GET', '/products?limit=%00'),
    await http('GET', '/me', { token: 'x.y.z' }),
  ]
  for (const { status, body } of answers) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(JSON.stringify(body)).not.toMatch(inside)
  }
  const malformed = await fetch(`${shop.url}/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })
  expect([malformed.status, await malformed.text()]).toEqual([400, expect.not.stringMatching(inside)])
})

test('headers do not name the software, and no other site is let in', async () => {
  const { shop } = surface()
  const response = await fetch(`${shop.url}/products?limit=1`, { headers: { origin: 'https://evil.example' } })
  for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'access-control-allow-credentials'])
    expect([name, response.headers.get(name)]).toEqual([name, null])
  const preflight = await fetch(`${shop.url}/orders`, {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  })
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
})

test('what holds a secret is not stored by anything in between', async () => {
  const { shop } = surface()
  const body = JSON.stringify({ email: 'cleo@shop.example', password: 'only for development' })
  const response = await fetch(`${shop.url}/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
})

test('methods and content types that no route takes are refused', async () => {
  const { shop } = surface()
  expect((await fetch(`${shop.url}/products`, { method: 'DELETE' })).status).toBe(405)
  const form = await fetch(`${shop.url}/sessions`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' })
  expect(form.status).toBe(415)
})

test('outside development it does not start with secrets that stand in its code', async () => {
  await using installation = await testInstallation()
  const refused = start(config, { ...installation.options, development: false })
  await expect(refused).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringMatching(
      /PAYMENTS_WEBHOOK_SECRET of service 'payments' is not set; SHOP_FIELD_KEYS of service 'users' is not set; set a value of your own/,
    ),
  })
})
