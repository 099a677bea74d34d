import { generateKeyPairSync } from 'node:crypto'
import { base64url, SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { describedRoutes, filled, member, openSurface } from './surface.ts'

// OWASP API2:2023, Broken Authentication
const surface = openSurface()
const claims = { roles: ['staff'] }
const common = (jwt: SignJWT): SignJWT => jwt.setIssuer('shop').setAudience('shop').setSubject('eve').setIssuedAt()

test('no route but those for anyone answers without a token', async () => {
  const { http } = surface()
  const closed = (await describedRoutes({ http })).filter(({ rule }) => rule !== 'anyone')
  expect(closed.length).toBeGreaterThan(20)
  for (const { method, path } of closed) {
    expect([method, path, (await http(method, filled(path), method === 'GET' ? {} : { body: {} })).status]).toEqual([method, path, 401])
  }
})

test('tokens that somebody else made are refused, whatever they claim', async () => {
  const { http } = surface()
  const { accessToken } = await member({ http })
  const { keys } = (await http('GET', '/.well-known/jwks.json')).body as { keys: [{ kid: string; x: string }] }
  const [{ kid, x }] = keys
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const [header, payload] = accessToken.split('.')
  const other = base64url.encode(JSON.stringify({ ...(JSON.parse(new TextDecoder().decode(base64url.decode(payload!))) as object), roles: ['staff'] }))
  const forged: Record<string, string> = {
    'no algorithm': new UnsecuredJWT(claims).setIssuer('shop').setAudience('shop').setSubject('eve').setExpirationTime('5m').encode(),
    'another key under a known id': await common(new SignJWT(claims))
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .setExpirationTime('5m')
      .sign(privateKey),
    'the public key as a secret': await common(new SignJWT(claims)).setProtectedHeader({ alg: 'HS256', kid }).setExpirationTime('5m').sign(base64url.decode(x)),
    'other claims under the same signature': `${header}.${other}.${accessToken.split('.')[2]}`,
    'half a token': accessToken.slice(0, accessToken.length / 2),
    'a list of tokens': `${accessToken},${accessToken}`,
    empty: '',
  }
  for (const [what, token] of Object.entries(forged)) {
    const { status, body } = await http('GET', '/reports/top-products', { token })
    expect([what, status]).toEqual([what, 401])
    expect(JSON.stringify(body)).not.toMatch(/\bat .+:\d+/)
  }
  expect((await http('GET', '/me', { token: accessToken })).status).toBe(200)
})

test('a refresh token is no access token', async () => {
  const { http } = surface()
  const { refreshToken } = await member({ http })
  expect((await http('GET', '/me', { token: refreshToken })).status).toBe(401)
})

test('a wrong password is told like an unknown address, and passwords are not short', async () => {
  const { http } = surface()
  const { email } = await member({ http })
  const said = async (body: object) => {
    const answer = await http('POST', '/sessions', { body })
    return { status: answer.status, body: { ...(answer.body as object), traceId: '' } }
  }
  expect(await said({ email, password: 'a wrong password' })).toEqual(await said({ email: 'nobody@example.com', password: 'a wrong password' }))
  expect((await http('POST', '/users', { body: { email: 'short@example.com', name: 'S', password: '12345678' } })).status).toBe(400)
})
