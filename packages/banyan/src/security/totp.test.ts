import { describe, expect, test } from 'vitest'
import { recoveryCodes } from './recovery-codes.ts'
import { codeOf, totp } from './totp.ts'

const seed = '12345678901234567890'
/** The same in base32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const at = (seconds: number) => new Date(seconds * 1_000)

describe('codes', () => {
  test.each([
    [59, '94287082', '46119246', '90693936'],
    [1_111_111_109, '07081804', '68084774', '25091201'],
    [1_111_111_111, '14050471', '67062674', '99943326'],
    [1_234_567_890, '89005924', '91819424', '93441116'],
    [2_000_000_000, '69279037', '90698825', '38618901'],
    [20_000_000_000, '65353130', '77737706', '47863826'],
  ])('are those of RFC 6238, appendix B, at %i s', (seconds, sha1, sha256, sha512) => {
    const step = Math.floor(seconds / 30)
    const key = (length: number) => Buffer.from(seed.repeat(4).slice(0, length))
    expect([codeOf(key(20), step, 8), codeOf(key(32), step, 8, 'sha256'), codeOf(key(64), step, 8, 'sha512')]).toEqual([sha1, sha256, sha512])
    expect(totp.verify({ secret, code: sha1.slice(2), now: at(seconds) })).toBe(step)
  })

  test.each(['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'])(
    'are those of RFC 4226, appendix D: %s',
    (code) => {
      const all = Array.from({ length: 10 }, (_, step) => codeOf(Buffer.from(seed), step, 6))
      expect(all).toContain(code)
    },
  )
})

describe('a code', () => {
  const now = at(1_234_567_890)
  const step = 41_152_263
  const code = (offset: number) => codeOf(Buffer.from(seed), step + offset, 6)

  test('is good one step before and after, and no further', () => {
    expect([-2, -1, 0, 1, 2].map((offset) => totp.verify({ secret, code: code(offset), now }))).toEqual([undefined, step - 1, step, step + 1, undefined])
  })

  test('is good once, and so are those before it', () => {
    expect([-1, 0, 1].map((offset) => totp.verify({ secret, code: code(offset), now, after: step }))).toEqual([undefined, undefined, step + 1])
  })

  test('may be typed with spaces, and is nothing else', () => {
    expect(totp.verify({ secret, code: `${code(0).slice(0, 3)} ${code(0).slice(3)}`, now })).toBe(step)
    for (const wrong of ['', '0', code(0).slice(0, 5), `${code(0)}0`, `0${code(0)}`, '٠٠٥٩٢٤'])
      expect(totp.verify({ secret, code: wrong, now })).toBeUndefined()
  })

  test('needs a secret of its own', () => {
    const made = totp.secret()
    expect(made).toMatch(/^[A-Z2-7]{32}$/)
    expect(totp.secret()).not.toBe(made)
    expect(() => totp.verify({ secret: 'no base32!', code: '123456', now })).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
  })

  test('comes from an app that has read the address', () => {
    expect(totp.uri({ secret, issuer: 'The Shop', account: 'ada@example.com' })).toBe(
      `otpauth://totp/The%20Shop:ada%40example.com?secret=${secret}&issuer=The%20Shop&algorithm=SHA1&digits=6&period=30`,
    )
  })
})

test('recovery codes are ten, are kept as hashes, and may be typed as one likes', () => {
  const { codes, hashes } = recoveryCodes.issue()
  expect(new Set(codes).size).toBe(10)
  for (const [index, code] of codes.entries()) {
    expect(code).toMatch(/^(?:[2-9a-hj-km-np-z]{4}-){3}[2-9a-hj-km-np-z]{4}$/)
    expect(recoveryCodes.hash(` ${code.toUpperCase().replaceAll('-', ' ')} `)).toBe(hashes[index])
  }
  expect(hashes.join()).not.toContain(codes[0]!.replaceAll('-', ''))
})
