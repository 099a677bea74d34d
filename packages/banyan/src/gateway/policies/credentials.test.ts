import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { passing } from '../../../test/gateway/pass.ts'
import { hashPassword } from './password-hash.ts'
import { PasswordVerifier } from './password-verifier.ts'
import { readPasswordHash } from './password-hash.ts'

const hash = (key: string) => `'sha256:${createHash('sha256').update(key).digest('hex')}'`

describe('api-key', () => {
  const keys = `[{ name: partner, hash: [${hash('new')}, ${hash('old')}], roles: [buyer], scopes: ['orders:read'] }, { name: gone, hash: ${hash('expired')}, expires: 2020-01-01 }]`
  const pass = passing(`[{ api-key: { keys: ${keys}, scopes: ['orders:read'] } }]`)

  test.each(['new', 'old'])('%s is known; the upstream is told who it is, not the key', async (key) => {
    const { asked } = await pass({ headers: { 'x-api-key': key } })
    expect(asked!.identity).toMatchObject({ subject: 'partner', roles: ['buyer'], tenant: 'default' })
    expect(asked!.headers).toEqual({})
  })

  test.each([
    [{}, 'the request has no key'],
    [{ 'x-api-key': 'other' }, 'the key is not known'],
    [{ 'x-api-key': 'expired' }, 'the key of gone has expired'],
  ])('%o is refused: %s', async (headers, why) => {
    const { status, headers: answered, body, asked } = await pass({ headers })
    expect({ status, challenge: answered['www-authenticate'], asked }).toEqual({ status: 401, challenge: 'ApiKey header="x-api-key"', asked: undefined })
    expect(JSON.parse(body)).toMatchObject({ code: 'unauthenticated', detail: expect.stringContaining(why) })
  })

  test('without the scope is forbidden', async () => {
    const other = passing(`[{ api-key: { keys: ${keys}, scopes: ['orders:write'] } }]`)
    await expect(other({ headers: { 'x-api-key': 'new' } })).rejects.toThrow('the key of partner lacks the scope orders:write')
  })

  test('a hash that is none is a mistake, and is not repeated', async () => {
    const message = await passing('[{ api-key: { keys: [{ name: a, hash: plain-secret }] } }]')().catch((error: Error) => error.message)
    expect(message).toContain('is something else; expected is')
    expect(message).not.toContain('plain-secret')
  })

  test('two with one key are a mistake', async () => {
    await expect(passing(`[{ api-key: { keys: [{ name: a, hash: ${hash('x')} }, { name: b, hash: ${hash('x')} }] } }]`)()).rejects.toThrow(
      'b and a have the same key',
    )
  })
})

describe('basic', () => {
  const authorization = (name: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` })

  test('lets in who knows the password, and nobody else', async () => {
    const pass = passing(`[{ basic: { realm: back office, users: [{ name: ada, password: '${await hashPassword('pässword')}', roles: [admin] }] } }]`)
    const { asked } = await pass({ headers: authorization('ada', 'pässword') })
    expect(asked!.identity).toMatchObject({ subject: 'ada', roles: ['admin'] })
    expect(asked!.headers).toEqual({})
    for (const headers of [{}, authorization('ada', 'wrong'), authorization('eve', 'pässword'), { authorization: 'Basic !' }, { authorization: 'Bearer x' }]) {
      const { status, headers: answered, asked } = await pass({ headers })
      expect({ status, challenge: answered['www-authenticate'], asked }).toEqual({
        status: 401,
        challenge: 'Basic realm="back office", charset="UTF-8"',
        asked: undefined,
      })
    }
  })

  test.each([['plain'], ['$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'], ['$scrypt$ln=10,r=8,p=1$c2FsdA$aGFzaA']])(
    'the hash %s is a mistake',
    async (text) => {
      await expect(passing(`[{ basic: { users: [{ name: a, password: '${text}' }] } }]`)()).rejects.toMatchObject({ code: 'invalid_configuration' })
    },
  )

  test('verifies few at once, and a right password slowly once', async () => {
    const verifier = new PasswordVerifier()
    const known = readPasswordHash('$scrypt$ln=10,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA')
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => verifier.verify(`guess ${index}`, known)))
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(4)
    const own = readPasswordHash(await hashPassword('right'))
    expect(await verifier.verify('right', own)).toBe(true)
    // remembered ones are answered also when there is no place for another verification
    const busy = Array.from({ length: 16 }, (_, index) => verifier.verify(`guess ${index}`, known))
    expect(await verifier.verify('right', own)).toBe(true)
    await Promise.all(busy)
  })
})
