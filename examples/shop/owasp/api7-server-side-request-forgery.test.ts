import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { base64url } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { describedRoutes, openSurface } from './surface.ts'

// OWASP API7:2023, Server Side Request Forgery
const surface = openSurface()

test('no operation takes an address that the shop would then ask', async () => {
  const { http } = surface()
  const suspicious = (await describedRoutes({ http })).filter(({ body }) =>
    /"(format":"ur[il]"|[^"]*(url|uri|webhook|callback)[^"]*":\{)/i.test(JSON.stringify(body ?? {})),
  )
  expect(suspicious).toEqual([])
})

test('a token cannot name the address of its key', async () => {
  const { http } = surface()
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.end('{"keys":[]}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const payload = base64url.encode(JSON.stringify({ iss: address, aud: 'shop', sub: 'eve', roles: ['staff'], exp: 4_000_000_000 }))
  for (const header of [
    { jku: `${address}/jku` },
    { x5u: `${address}/x5u` },
    { kid: `${address}/kid` },
    { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } },
  ]) {
    const token = `${base64url.encode(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', ...header }))}.${payload}.${base64url.encode('x'.repeat(64))}`
    expect([header, (await http('GET', '/me', { token })).status]).toEqual([header, 401])
  }
  expect(asked).toEqual([])
})

test('neither does the host that a request names, nor an absolute target', async () => {
  const { shop } = surface()
  for (const headers of [{ 'x-forwarded-host': '169.254.169.254' }, { forwarded: 'host=169.254.169.254' }]) {
    const response = await fetch(`${shop.url}/products?limit=1`, { headers: headers as Record<string, string> })
    expect([response.status, await response.text()]).toEqual([200, expect.not.stringContaining('169.254')])
  }
})
