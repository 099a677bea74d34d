import { createDecipheriv, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { env } from '../model/setting.ts'
import { fieldKeys, seal } from './field-encryption.ts'
import { columnKey } from './field-keys.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const [k1, k2] = [`k1:${key(1)}`, `k2:${key(2)}`]
const place = { table: 'customer', column: 'email', row: '7' }
const keys = fieldKeys({ current: k1 })

describe('a field', () => {
  test('comes back as it was, whatever it is and wherever it stands', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((given) => given.isWellFormed())
    fc.assert(
      fc.property(text, fc.record({ table: fc.string(), column: fc.string(), row: fc.string() }), (given, where) => {
        expect(keys.decrypt(keys.encrypt(given, where), where)).toBe(given)
      }),
    )
  })

  test('is another text every time', () => {
    expect(new Set(Array.from({ length: 100 }, () => keys.encrypt('ada@example.com', place))).size).toBe(100)
  })

  test('is bound to its table, column and row, however their names run into each other', () => {
    fc.assert(
      fc.property(
        fc.record({ table: fc.string(), column: fc.string(), row: fc.string() }),
        fc.record({ table: fc.string(), column: fc.string(), row: fc.string() }),
        (one, other) => {
          fc.pre(JSON.stringify(one) !== JSON.stringify(other))
          expect(() => keys.decrypt(keys.encrypt('x', one), other)).toThrow(expect.objectContaining({ code: 'field_unreadable' }))
        },
      ),
    )
    const encrypted = keys.encrypt('x', { table: 'ab', column: 'c', row: '1' })
    expect(() => keys.decrypt(encrypted, { table: 'a', column: 'bc', row: '1' })).toThrow(/a\.bc of row '1' was encrypted for another place/)
  })

  test('that was changed anywhere is not read', () => {
    const encrypted = keys.encrypt('ada@example.com', place)
    fc.assert(
      fc.property(fc.nat(encrypted.length - 1), fc.constantFrom(...'AZaz09-_.'), (at, character) => {
        fc.pre(encrypted[at] !== character)
        expect(() => keys.decrypt(encrypted.slice(0, at) + character + encrypted.slice(at + 1), place)).toThrow(
          expect.objectContaining({ code: 'field_unreadable' }),
        )
      }),
      { numRuns: 500 },
    )
    for (let length = 0; length < encrypted.length; length++) {
      expect(() => keys.decrypt(encrypted.slice(0, length), place)).toThrow(expect.objectContaining({ code: 'field_unreadable' }))
    }
  })

  test('never shows in an error', () => {
    const encrypted = keys.encrypt('ada@example.com', place)
    expect(() => fieldKeys({ current: k2 }).decrypt(encrypted, place)).toThrow(
      /^customer.email of row '7' was encrypted by the key 'k1', and there are only \[k2\]; add it to the former keys$/,
    )
    expect(() => fieldKeys({ current: `k1:${key(9)}` }).decrypt(encrypted, place)).toThrow(/by another key called 'k1', or was changed since$/)
    expect(() => keys.decrypt('ada@example.com', place)).toThrow(
      /^customer.email of row '7' is not an encrypted field, which begins with banyan.1; was it stored as it is\?$/,
    )
    expect(() => keys.decrypt(encrypted.replace('banyan.1', 'banyan.2'), place)).toThrow(/in version '2' of the format, and this is version 1$/)
  })
})

describe('a rotation', () => {
  test('reads by the former key, writes by the new one, and then the former can go', () => {
    const old = keys.encrypt('ada@example.com', place)
    const both = fieldKeys({ current: k2, former: [k1] })
    expect(both.decrypt(old, place)).toBe('ada@example.com')
    const renewed = both.reencrypt(old, place)
    expect(renewed).toMatch(/^banyan\.1\.k2\./)
    expect(both.reencrypt(renewed, place)).toBe(renewed)
    expect(fieldKeys({ current: k2 }).decrypt(renewed, place)).toBe('ada@example.com')
    expect(() => both.reencrypt(old, { ...place, row: '8' })).toThrow(/another place/)
  })

  test('is due when a column has had its share, which is counted', () => {
    const counted = fieldKeys({ current: k1 })
    for (let i = 0; i < 3; i++) counted.encrypt('x', place)
    counted.encrypt('x', { ...place, column: 'phone' })
    expect(counted.used).toBe(3)
  })
})

describe('keys', () => {
  test('are read when first used, the current one first', () => {
    process.env['FIELD_KEYS_TEST'] = `${k2}, ${k1}`
    try {
      const read = fieldKeys(env('FIELD_KEYS_TEST'))
      expect(read.encrypt('x', place)).toMatch(/^banyan\.1\.k2\./)
      expect(read.decrypt(keys.encrypt('y', place), place)).toBe('y')
    } finally {
      delete process.env['FIELD_KEYS_TEST']
    }
    expect(() => fieldKeys(env('FIELD_KEYS_TEST')).encrypt('x', place)).toThrow(/^FIELD_KEYS_TEST is not set; it takes id:key/)
  })

  test.each([
    ['', /is empty/],
    [`nocolon`, /number 1 does not begin with an id/],
    [`${k1},short:AAAA`, /the field key 'short' has 3 bytes; AES-256 takes 32/],
    [`${k1},k1:${key(2)}`, /two field keys have the id 'k1'/],
  ])('that are wrong are refused without being quoted', (text, message) => {
    const encrypt = () => fieldKeys(text).encrypt('x', place)
    expect(encrypt).toThrow(message)
    expect(encrypt).not.toThrow(key(1))
  })
})

describe('the format', () => {
  const secret = Buffer.from(Array.from({ length: 32 }, (_, index) => index))
  const vector = 'banyan.1.k1.AAECAwQFBgcICQoL.pVw0LdPgMEevHlO16QDX1waTo5AqE_GFzeoU6x2cYQ'

  test('is what another implementation of HKDF and AES-256-GCM reads', () => {
    const derived = columnKey({ id: 'k1', secret }, 'customer', 'email')
    const [, , , nonce, sealed] = seal('k1', derived, Buffer.from(Array.from({ length: 12 }, (_, index) => index)), 'ada@example.com', place).split('.')
    const bytes = Buffer.from(sealed!, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', derived, Buffer.from(nonce!, 'base64url'))
    decipher.setAAD(Buffer.from('["banyan.1","k1","customer","email","7"]')).setAuthTag(bytes.subarray(-16))
    expect(decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8')).toBe('ada@example.com')
  })

  test('does not change from version to version', () => {
    const derived = columnKey({ id: 'k1', secret }, 'customer', 'email')
    expect(seal('k1', derived, Buffer.from(Array.from({ length: 12 }, (_, index) => index)), 'ada@example.com', place)).toBe(vector)
  })

  test('derives keys as RFC 5869 has it (its test case 1)', () => {
    const derived = hkdfSync('sha256', Buffer.alloc(22, 0x0b), Buffer.from('000102030405060708090a0b0c', 'hex'), Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'), 42)
    expect(Buffer.from(derived).toString('hex')).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865')
  })
})
