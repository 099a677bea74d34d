import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cacheControl, directives, LONGEST, NOTHING } from './cache-control.ts'

describe('Cache-Control (RFC 9111 §5.2)', () => {
  test('names have no case, arguments may be quoted, unknown directives are left', () => {
    expect(cacheControl('MAX-age="60", Public, community="UCI, max-age=0", No-Cache="set-cookie, x"')).toEqual({
      ...NOTHING,
      maxAge: 60,
      public: true,
      noCache: true,
    })
  })

  test('§4.2.1: of two values the more restrictive counts', () => {
    expect(cacheControl('max-age=60, max-age=10, min-fresh=5, min-fresh=9')).toMatchObject({ maxAge: 10, minFresh: 9 })
  })

  test.each(['-1', '1.5', "'60'", 'a', '6a', '""', ''])('§4.2.1: an answer with max-age=%s is stale', (value) => {
    expect(cacheControl(`max-age=${value}`).maxAge).toBe(0)
    expect(cacheControl(`s-maxage=${value}`).sMaxAge).toBe(0)
  })

  test('what cannot be read grants nothing', () => {
    expect(cacheControl('stale-while-revalidate=x, stale-if-error, max-stale=soon')).toEqual(NOTHING)
  })

  test('max-stale without a value takes anything', () => {
    expect(cacheControl('max-stale').maxStale).toBe(Number.POSITIVE_INFINITY)
  })

  test('§1.2.2: a very long time is as good as forever', () => {
    expect(cacheControl('max-age=99999999999999999999').maxAge).toBe(LONGEST)
  })

  test.each(['private="', 'max-age=60, x="y, private', 'a b c, private', ', ,private,,', 'private=""', 'private="set-cookie"', '=, private', '"x", private'])(
    'a private is heard in: %s',
    (text) => {
      expect(cacheControl(text).private).toBe(true)
    },
  )

  test('a directive inside a quoted string is none', () => {
    expect(cacheControl('x="private, no-store", max-age=1')).toEqual({ ...NOTHING, maxAge: 1 })
    expect(cacheControl('x="a\\", private", max-age=1')).toEqual({ ...NOTHING, maxAge: 1 })
  })

  test('directives come back as they were written', () => {
    const token = fc.stringMatching(/^[a-z][a-z-]{0,8}$/)
    const argument = fc.oneof(fc.constant<true>(true), fc.stringMatching(/^[a-z0-9]{1,5}$/), fc.string({ maxLength: 6 }))
    const written = fc.array(fc.tuple(token, argument), { maxLength: 6 })
    fc.assert(
      fc.property(written, (list) => {
        const text = list
          .map(([name, value]) => (value === true ? name : /^[a-z0-9]+$/.test(value) ? `${name}=${value}` : `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`))
          .join(', ')
        expect(directives(text)).toEqual(list)
      }),
    )
  })

  test('no text makes it fail, and none is slow', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void cacheControl(text)))
    expect(cacheControl('a="'.repeat(20_000))).toBeDefined()
    expect(cacheControl(`${'a=b c '.repeat(20_000)}, private`).private).toBe(true)
  })
})
