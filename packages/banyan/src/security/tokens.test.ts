import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JSONWebKeySet, type JWTPayload } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { jwtVerifier } from './tokens.ts'

const names = { issuer: 'https://id.example', audience: 'shop' }
let key: CryptoKey
let other: CryptoKey
let jwks: JSONWebKeySet

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  key = pair.privateKey
  other = (await generateKeyPair('ES256')).privateKey
  jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }] } as JSONWebKeySet
})

const soon = () => Math.floor(Date.now() / 1000) + 60
const good = (): JWTPayload => ({ iss: names.issuer, aud: names.audience, sub: 'u1', exp: soon() })

function signed(claims: JWTPayload, header: Record<string, unknown> = {}, by: CryptoKey | Uint8Array = key): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(by)
}

test('a good token gives an identity, at once the second time', async () => {
  const verify = jwtVerifier({ ...names, jwks })
  const token = await signed({ ...good(), roles: ['customer', 'staff'], tenant: 't1' }, { typ: 'at+jwt' })
  const who = await verify(token)
  expect(who).toMatchObject({ subject: 'u1', roles: ['customer', 'staff'], tenant: 't1' })
  expect(verify(token)).toBe(who)
})

test.each<[string, () => Promise<string>, string]>([
  ['expired', () => signed({ ...good(), exp: soon() - 120 }), 'expired at'],
  ['not yet valid', () => signed({ ...good(), nbf: soon() }), 'not valid before'],
  ['for another audience', () => signed({ ...good(), aud: 'blog' }), '\'aud\' is "blog"'],
  ['by another issuer', () => signed({ ...good(), iss: 'https://evil.example' }), "'iss' is"],
  ['without an expiry', () => signed({ iss: names.issuer, aud: names.audience, sub: 'u1' }), "no 'exp'"],
  ['without an audience', () => signed({ iss: names.issuer, exp: soon(), sub: 'u1' }), "no 'aud'"],
  ['without a subject', () => signed({ iss: names.issuer, aud: names.audience, exp: soon() }), "no 'sub'"],
  ['for anonymous', () => signed({ ...good(), sub: 'anonymous' }), 'names nobody'],
  ['with roles that are none', () => signed({ ...good(), roles: 'admin' }), "'roles'"],
  ['with a tenant that is none', () => signed({ ...good(), tenant: 7 }), "'tenant'"],
  ['an id token', () => signed(good(), { typ: 'id+jwt' }), 'not an access token'],
  ['signed by another key', () => signed(good(), {}, other), 'signature'],
  ['signed by an unlisted key', () => signed(good(), { kid: 'k2' }), 'does not list'],
  ['signed with a shared secret', () => signed(good(), { alg: 'HS256' }, new TextEncoder().encode(JSON.stringify(jwks))), 'algorithm'],
  ['unsigned', async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(good())).toString('base64url')}.`, 'algorithm'],
  ['no token', async () => 'nonsense', 'cannot be read'],
])('a token that is %s is refused', async (_what, make, message) => {
  const verify = jwtVerifier({ ...names, jwks })
  await expect((async () => verify(await make()))()).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringContaining(message) })
})

test.each([
  ['jku', 'https://evil.example/keys'],
  ['x5u', 'https://evil.example/chain'],
])('a token that brings its own keys by %s is judged by the issuer’s', async (name, where) => {
  const verify = jwtVerifier({ ...names, jwks })
  expect(await verify(await signed(good(), { [name]: where }))).toMatchObject({ subject: 'u1' })
  await expect((async () => verify(await signed(good(), { [name]: where }, other)))()).rejects.toMatchObject({ details: { reason: 'wrong_signature' } })
})

test('a token that brings its own key as jwk is judged by the issuer’s', async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const token = await signed(good(), { jwk: await exportJWK(pair.publicKey) }, pair.privateKey)
  await expect((async () => jwtVerifier({ ...names, jwks })(token))()).rejects.toMatchObject({ details: { reason: 'wrong_signature' } })
})

test.each(['../../dev/null', "k1' or '1'='1", 'k1\0', '__proto__'])('the key id %j is a name of no key', async (kid) => {
  await expect((async () => jwtVerifier({ ...names, jwks })(await signed(good(), { kid })))()).rejects.toMatchObject({ details: { reason: 'unknown_key' } })
})

test('with a shared secret, only the algorithms of secrets are accepted', async () => {
  const secret = new TextEncoder().encode('x'.repeat(32))
  const verify = jwtVerifier({ ...names, key: secret })
  expect(await verify(await signed(good(), { alg: 'HS256' }, secret))).toMatchObject({ subject: 'u1' })
  await expect((async () => verify(await signed(good())))()).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('published keys are fetched; an issuer that does not answer is not the caller’s fault', async () => {
  const server = createServer((_request, response) => response.end(JSON.stringify(jwks))).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  expect(await jwtVerifier({ ...names, jwks: url })(await signed(good()))).toMatchObject({ subject: 'u1' })
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
  await expect(jwtVerifier({ ...names, jwks: url })(await signed(good()))).rejects.toMatchObject({ code: 'unavailable' })
})

test('an address that is none is refused at once', () => {
  expect(() => jwtVerifier({ ...names, jwks: 'not an address' })).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
})
