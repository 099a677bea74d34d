import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { issuersVerifier } from '../../src/security/issuers.ts'
import { jwtVerifier, type TokenVerifier } from '../../src/security/tokens.ts'
import { issuerKey, keyServer, type IssuerKey, type KeyServer } from './key-server.ts'

const ISSUER = 'https://id.example'
const MINUTE = 60_000
let time: number
let key: IssuerKey
let keys: KeyServer
let verify: TokenVerifier

const clock = { monotonic: () => time }
const verifier = (issuer = ISSUER, server = keys) => jwtVerifier({ issuer, audience: 'shop', jwks: server.url, clock })
/** Whom a token is found to be by, or why it is refused. */
const verdict = async (token: string, by = verify) => {
  try {
    return (await by(token)).subject
  } catch (error) {
    const { code, details } = error as { code: string; details: { reason?: string } }
    return details.reason ?? code
  }
}

beforeEach(async () => {
  time = 0
  key = await issuerKey(ISSUER, 'k1')
  keys = await keyServer(key)
  verify = verifier()
})
afterEach(() => keys[Symbol.asyncDispose]())

describe('a key that is new', () => {
  test('is fetched once, half a minute after the last time at the earliest, by however many tokens at once', async () => {
    const next = await issuerKey(ISSUER, 'k2')
    const tokens = await Promise.all(Array.from({ length: 20 }, () => next.sign()))
    const all = () => Promise.all(tokens.map((token) => verdict(token)))
    expect([await verdict(await key.sign()), keys.asked]).toEqual(['ada', 1])
    keys.published = [key.open, next.open]
    time = 29_999
    expect([new Set(await all()), keys.asked]).toEqual([new Set(['unknown_key']), 1])
    time = 30_000
    const release = keys.hold()
    const found = all()
    await keys.whenAsked(2)
    release()
    expect([new Set(await found), keys.asked]).toEqual([new Set(['ada']), 2])
    expect([await verdict(await key.sign()), keys.asked]).toEqual(['ada', 2])
  })

  test('that nobody has ever had is fetched once in half a minute, however many there are', async () => {
    await verdict(await key.sign())
    for (let round = 1; round <= 3; round++) {
      time += 30_000
      const made = await Promise.all(Array.from({ length: 100 }, (_, nth) => key.sign({}, { kid: `made up ${round} ${nth}` })))
      for (const verdicts of [await Promise.all(made.map((token) => verdict(token))), await Promise.all(made.map((token) => verdict(token)))])
        expect(new Set(verdicts)).toEqual(new Set(['unknown_key']))
      expect(keys.asked).toBe(1 + round)
    }
  })

  test('is not waited for by tokens of keys that are known', async () => {
    const known = await Promise.all([key.sign(), key.sign({ sub: 'bo' })])
    await verdict(known[0]!)
    time = 30_000
    const release = keys.hold()
    const strange = verdict(await key.sign({}, { kid: 'made up' }))
    await keys.whenAsked(2)
    expect(await verdict(known[1]!)).toBe('bo')
    release()
    expect(await strange).toBe('unknown_key')
  })

  test('the first ones are fetched once by many tokens at the same time, also where there are none yet', async () => {
    keys.published = []
    const tokens = await Promise.all(Array.from({ length: 50 }, () => key.sign()))
    expect(new Set(await Promise.all(tokens.map((token) => verdict(token))))).toEqual(new Set(['unknown_key']))
    expect(new Set(await Promise.all(tokens.map((token) => verdict(token))))).toEqual(new Set(['unknown_key']))
    expect(keys.asked).toBe(1)
    keys.published = [key.open]
    time = 30_000
    expect([await verdict(tokens[0]!), keys.asked]).toEqual(['ada', 2])
  })
})

describe('a key that was taken away', () => {
  test('is good for ten minutes, and for five more where its token was seen just before', async () => {
    const next = await issuerKey(ISSUER, 'k2')
    const [seen, unseen] = await Promise.all([key.sign(), key.sign()])
    await verdict(await next.sign())
    keys.published = [next.open]
    time = 10 * MINUTE - 1
    expect(await verdict(seen)).toBe('ada')
    time = 10 * MINUTE
    expect(await verdict(unseen)).toBe('unknown_key')
    expect(await verdict(seen), 'remembered').toBe('ada')
    time = 15 * MINUTE - 1
    expect(await verdict(seen)).toBe('unknown_key')
  })

  test('is not good any longer than its token', async () => {
    const token = await key.sign({ exp: Math.floor(Date.now() / 1_000) + 60 })
    expect(await verdict(token)).toBe('ada')
    const remembered = verify(token)
    expect(remembered).toMatchObject({ subject: 'ada' })
    time = MINUTE
    expect(verify(token), 'verified anew').toBeInstanceOf(Promise)
  })
})

describe('while the server of keys is away', () => {
  test('known keys are good and others unknown, and it is asked once in half a minute', async () => {
    const next = await issuerKey(ISSUER, 'k2')
    await verdict(await key.sign())
    await keys.leave()
    for (const minutes of [1, 11, 300]) {
      time = minutes * MINUTE
      expect([await verdict(await key.sign()), await verdict(await next.sign())]).toEqual(['ada', 'unknown_key'])
    }
    await keys.comeBack()
    keys.published = [next.open]
    time += 29_999
    expect([await verdict(await key.sign()), keys.asked]).toEqual(['ada', 1])
    time += 1
    // nobody waits for one that was away: the answer counts for whoever comes after it
    await verdict(await key.sign())
    await keys.whenAsked(2)
    expect(await verdict(await next.sign())).toBe('ada')
    expect([await verdict(await key.sign()), keys.asked]).toEqual(['unknown_key', 2])
  })

  test.each([
    ['answers with a failure', { status: 503, body: '' }],
    ['answers something else', { status: 200, body: '<html>' }],
    ['answers no key set', { status: 200, body: '{"keys":7}' }],
    ['sends elsewhere', { status: 302, body: '', headers: { location: 'https://evil.example/keys' } }],
  ])('or %s, whoever needs a first key is told that it is nobody’s fault, and it is asked once in a second', async (_what, instead) => {
    keys.instead = instead
    const tokens = await Promise.all(Array.from({ length: 20 }, () => key.sign()))
    const all = () => Promise.all(tokens.map((token) => verdict(token)))
    expect([new Set(await all()), new Set(await all()), keys.asked]).toEqual([new Set(['unavailable']), new Set(['unavailable']), 1])
    keys.instead = undefined
    time = 1_000
    expect([new Set(await all()), keys.asked]).toEqual([new Set(['ada']), 2])
  })
})

describe('an algorithm', () => {
  const tampered = (token: string, header: object, signature?: (signed: string) => string) => {
    const signed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}`
    return `${signed}.${signature?.(signed) ?? ''}`
  }

  test('of secrets is none for a public key, in whatever form its bytes are taken for one', async () => {
    const token = await key.sign()
    const [x, whole] = [Buffer.from(key.open.x!, 'base64url'), JSON.stringify(key.open)]
    for (const secret of [x, whole, JSON.stringify({ keys: [key.open] }), ''])
      for (const alg of ['HS256', 'HS512']) {
        const forged = tampered(token, { alg, kid: 'k1', typ: 'at+jwt' }, (signed) =>
          createHmac(alg === 'HS256' ? 'sha256' : 'sha512', secret)
            .update(signed)
            .digest('base64url'),
        )
        expect(await verdict(forged)).toBe('wrong_algorithm')
      }
  })

  test.each(['none', 'None', 'NONE', 'nOnE'])('that is %s is none', async (alg) => {
    expect(await verdict(tampered(await key.sign(), { alg, kid: 'k1' }))).toBe('wrong_algorithm')
    expect(await verdict(tampered(await key.sign(), { alg, kid: 'k1' }, () => 'AAAA'))).toBe('wrong_algorithm')
  })

  test('of another kind than the key’s finds no key, also where a set has both', async () => {
    const rsa = await issuerKey(ISSUER, 'k1', 'RS256')
    const [elliptic, other] = [await key.sign(), await rsa.sign()]
    expect(await verdict(other), 'the set has an elliptic one under this id').toBe('unknown_key')
    keys.published = [key.open, rsa.open]
    time = 30_000
    expect([await verdict(elliptic), await verdict(other)], 'each by its own, though they share an id').toEqual(['ada', 'ada'])
    for (const alg of ['RS256', 'PS256', 'ES384']) expect(await verdict(tampered(elliptic, { alg, kid: 'k1' }, () => elliptic.split('.')[2]!))).not.toBe('ada')
  })

  test('of secrets is none either where the set itself holds one', async () => {
    const secret = Buffer.alloc(32, 7)
    keys.published = [{ kty: 'oct', kid: 'k3', k: secret.toString('base64url') }]
    const forged = tampered(await key.sign(), { alg: 'HS256', kid: 'k3' }, (signed) => createHmac('sha256', secret).update(signed).digest('base64url'))
    expect(await verdict(forged)).toBe('wrong_algorithm')
  })
})

describe('issuers side by side', () => {
  test('with keys of the same id have nothing to do with each other', async () => {
    const other = await issuerKey('https://other.example', 'k1')
    await using others = await keyServer(other)
    const both = issuersVerifier([
      { issuer: ISSUER, verify },
      { issuer: 'https://other.example', verify: verifier('https://other.example', others) },
    ])
    expect([await verdict(await key.sign(), both), keys.asked, others.asked]).toEqual(['ada', 1, 0])
    expect([await verdict(await other.sign({ sub: 'bo' }), both), keys.asked, others.asked]).toEqual(['bo', 1, 1])
    expect(await verdict(await key.sign({ iss: 'https://other.example' }), both), 'says it is by the other').toBe('wrong_signature')
    expect(await verdict(await other.sign({ iss: ISSUER }), both)).toBe('wrong_signature')
    expect(await verdict(await key.sign({ iss: 'https://evil.example' }), both)).toBe('wrong_claim')
    expect(await verdict(await key.sign({ iss: [ISSUER] }), both)).toBe('wrong_claim')
    expect(await verdict(await key.sign({ iss: undefined }), both)).toBe('wrong_claim')
    expect(await verdict('no.token.', both)).toBe('malformed')

    await keys.leave()
    time = 20 * MINUTE
    expect([await verdict(await other.sign({ sub: 'bo' }), both), others.asked]).toEqual(['bo', 2])
    const strange = await Promise.all(Array.from({ length: 20 }, (_, nth) => key.sign({}, { kid: `made up ${nth}` })))
    await Promise.all(strange.map((token) => verdict(token, both)))
    expect(others.asked, 'for tokens that are not its own').toBe(2)
  })

  test('of which one is away leave the other its own, unheld', async () => {
    const other = await issuerKey('https://other.example', 'k1')
    await using others = await keyServer(other)
    const both = issuersVerifier([
      { issuer: ISSUER, verify },
      { issuer: 'https://other.example', verify: verifier('https://other.example', others) },
    ])
    const release = keys.hold()
    const waiting = verdict(await key.sign(), both)
    await keys.whenAsked(1)
    expect(await verdict(await other.sign({ sub: 'bo' }), both)).toBe('bo')
    release()
    expect(await waiting).toBe('ada')
  })

  test('with several audiences of one issuer are asked one after the other', async () => {
    const blog = jwtVerifier({ issuer: ISSUER, audience: 'blog', jwks: keys.url, clock })
    const both = issuersVerifier([
      { issuer: ISSUER, verify: blog },
      { issuer: ISSUER, verify },
    ])
    expect([await verdict(await key.sign(), both), await verdict(await key.sign({ aud: 'blog' }), both)]).toEqual(['ada', 'ada'])
    expect(await verdict(await key.sign({ aud: 'till' }), both)).toBe('wrong_claim')
  })
})
