import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { askedKeySet } from './asked-key-set.ts'

const own = { from: 'users.keys', coolDownMs: 5_000, restMs: 0, emptyIsNews: true }
let jwk: JWK
let published: string[]
let failure: Error | undefined
let asked: number
let time: number
let find: (kid: string) => Promise<string>

beforeAll(async () => {
  jwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)
})
beforeEach(() => {
  ;[published, failure, asked, time] = [['k1'], undefined, 0, 0]
  const keys = askedKeySet({ ...own, ask, clock: { monotonic: () => time } })
  const token = { payload: '', signature: '' }
  find = async (kid) => {
    try {
      await keys({ alg: 'ES256', kid }, token)
      return 'found'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
})

async function ask(): Promise<JSONWebKeySet> {
  asked++
  if (failure) throw failure
  return { keys: published.map((kid) => ({ ...jwk, kid, alg: 'ES256' })) }
}

const unknown = 'ERR_JWKS_NO_MATCHING_KEY'

test('keys are asked for once, and again after ten minutes', async () => {
  expect(await Promise.all([find('k1'), find('k1')])).toEqual(['found', 'found'])
  time = 599_999
  expect(await find('k1')).toBe('found')
  expect(asked).toBe(1)
  time = 600_000
  published = ['k2']
  expect([await find('k1'), asked]).toEqual([unknown, 2])
})

test('an unknown key is asked for, at most every five seconds', async () => {
  await find('k1')
  published = ['k1', 'k2']
  time = 4_999
  expect([await find('k2'), asked]).toEqual([unknown, 1])
  time = 5_000
  expect([await find('k2'), asked]).toEqual(['found', 2])
  time = 9_999
  expect([await find('made up'), asked]).toEqual([unknown, 2])
  expect(await find('k2')).toBe('found')
})

test('an issuer without keys is asked every time, so that its first token is good at once', async () => {
  published = []
  expect([await find('k1'), asked]).toEqual([unknown, 1])
  time = 1
  published = ['k1']
  expect([await find('k1'), asked]).toEqual(['found', 2])
})

test('without an answer the last known keys stay, and without any it is nobody’s fault', async () => {
  failure = new Error('the unit is away')
  expect(await find('k1')).toBe('unavailable')
  failure = undefined
  expect(await find('k1')).toBe('found')
  failure = new Error('the unit is away')
  time = 600_000
  expect([await find('k1'), await find('k2'), asked]).toEqual(['found', unknown, 3])
})

test('an answer that is no key set is no answer', async () => {
  const keys = askedKeySet({ ...own, ask: async () => ({}) as JSONWebKeySet })
  const failed = keys({ alg: 'ES256', kid: 'k1' }, { payload: '', signature: '' })
  await expect(failed).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/^the issuer's keys cannot be had from users.keys: /) })
})
