import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { edgeRequest } from '../../../test/gateway/edge-request.ts'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import { authPolicy } from './auth.ts'

const directory = mkdtempSync(join(tmpdir(), 'banyan-auth-'))
const said = { issuer: 'https://id.example.com', audience: 'blog', jwks: 'keys.json' }
let sign: (claims: Record<string, unknown>) => Promise<string>

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  writeFileSync(join(directory, 'keys.json'), JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: '1', alg: 'ES256' }] }))
  sign = (claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .setIssuer(said.issuer)
      .setAudience('blog')
      .setSubject('ada')
      .setExpirationTime('5m')
      .sign(privateKey)
})
afterAll(() => rmSync(directory, { recursive: true }))

type Passed = readonly [answer: EdgeAnswer, asked: EdgeRequest | undefined]

async function pass(settings: Partial<Parameters<typeof authPolicy.open>[0]>, authorization?: string): Promise<Passed> {
  let asked: EdgeRequest | undefined
  const policy = authPolicy.open({ ...said, ...settings }, { directory })
  const answer = await policy(edgeRequest({ headers: authorization === undefined ? {} : { authorization } }), async (request) => {
    asked = request
    return { status: 200, headers: {}, body: undefined }
  })
  return [answer, asked]
}

test('a good token passes, and says who asks', async () => {
  const [answer, asked] = await pass(
    { roles: ['reader', 'writer'], scopes: ['blog:read'] },
    `Bearer ${await sign({ roles: ['writer'], scope: 'blog:read blog:write' })}`,
  )
  expect([answer.status, asked?.identity.subject]).toEqual([200, 'ada'])
})

test('without a token, or with a bad one, nothing passes', async () => {
  const [none, asked] = await pass({})
  expect([none.status, none.headers['www-authenticate'], asked]).toEqual([401, 'Bearer', undefined])
  const [bad] = await pass({ optional: true }, 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.')
  expect([bad.status, bad.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Bearer error="invalid_token", error_description="[^"]+"$/)])
  const [basic] = await pass({}, 'Basic YTpi')
  expect(JSON.parse((basic.body as Buffer).toString())).toMatchObject({ code: 'unauthenticated', detail: expect.stringContaining('Bearer') })
})

test('where it is optional, nobody is anonymous', async () => {
  const [answer, asked] = await pass({ optional: true })
  expect([answer.status, asked?.identity.subject]).toEqual([200, 'anonymous'])
})

test('a token without the role or the scope is refused with what is lacking', async () => {
  const token = `Bearer ${await sign({ roles: ['writer'], scope: 'blog:read' })}`
  await expect(pass({ roles: ['editor'] }, token)).rejects.toMatchObject({ code: 'forbidden', details: { why: 'role editor' } })
  await expect(pass({ scopes: ['blog:read', 'blog:write'] }, token)).rejects.toMatchObject({ code: 'forbidden', details: { why: 'scope blog:write' } })
})

test('a key set that cannot be read is told when the file is loaded', async () => {
  await expect(pass({ jwks: 'none.json' })).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('none.json cannot be read: ENOENT'),
  })
})
