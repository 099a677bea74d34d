import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { edgeRequest, identity, type Asked } from '../../../test/http-cache/edge.ts'
import { cacheControl } from './cache-control.ts'
import type { Fields } from './fields.ts'
import { judge } from './reuse.ts'
import { routeCaching } from './settings.ts'
import { whyNotStored } from './storable.ts'
import { keep, type Kept } from './stored-answer.ts'

const now = Date.UTC(2026, 10, 29, 12)
const times = { requestedAt: now, arrivedAt: now, steadyAt: 0 }

function kept(headers: Fields, status = 200, request: Fields = {}): Kept {
  return keep({ url: 'example.com/', scope: 'all' }, request, { status, headers, body: undefined }, times, routeCaching)
}

function why(headers: Fields, { status = 200, ...asked }: Asked & { status?: number } = {}): string | undefined {
  const request = edgeRequest('/', asked)
  return whyNotStored(request, cacheControl(asked.headers?.['cache-control']), kept(headers, status, request.headers), routeCaching)
}

describe('what a shared cache keeps (RFC 9111 §3)', () => {
  const authorization = { headers: { authorization: 'Bearer x' } }
  const known = { identity: identity('ada') }
  test.each<[string, Fields, Parameters<typeof why>[1], string | undefined]>([
    ['with a lifetime', { 'cache-control': 'max-age=1' }, {}, undefined],
    ['with a validator alone', { etag: '"a"' }, {}, undefined],
    ['with neither', {}, {}, 'no lifetime'],
    ['stale from the beginning, but with a validator', { 'cache-control': 'max-age=0', etag: '"a"' }, {}, undefined],
    ['of a status that must say so', { etag: '"a"' }, { status: 302 }, 'no lifetime'],
    ['of a status that says so', { 'cache-control': 'max-age=1' }, { status: 302 }, undefined],
    ['to HEAD', { 'cache-control': 'max-age=1' }, { method: 'HEAD' }, 'method'],
    ['no-store', { 'cache-control': 'max-age=1, no-store' }, {}, 'no-store'],
    ['no-store, but must-understand', { 'cache-control': 'max-age=1, no-store, must-understand' }, {}, undefined],
    ['must-understand of a status that nobody knows', { 'cache-control': 'max-age=1, must-understand' }, { status: 299 }, 'must-understand'],
    ['no-store in the request', { 'cache-control': 'max-age=1' }, { headers: { 'cache-control': 'no-store' } }, 'request no-store'],
    ['private', { 'cache-control': 'max-age=1, private' }, {}, 'private'],
    ['private with field names', { 'cache-control': 'max-age=1, private="x-user"' }, {}, 'private'],
    ['private with an empty list of names', { 'cache-control': 'max-age=1, private=""' }, {}, 'private'],
    ['§3.5: to credentials', { 'cache-control': 'max-age=1' }, authorization, 'authorization'],
    ['§3.5: to credentials, public', { 'cache-control': 'max-age=1, public' }, authorization, undefined],
    ['§3.5: to credentials, s-maxage', { 'cache-control': 's-maxage=1' }, authorization, undefined],
    ['§3.5: to credentials, must-revalidate', { 'cache-control': 'max-age=1, must-revalidate' }, authorization, undefined],
    ['to somebody recognised otherwise', { 'cache-control': 'max-age=1' }, known, 'authorization'],
    ['to somebody recognised otherwise, must-revalidate', { 'cache-control': 'max-age=1, must-revalidate' }, known, 'authorization'],
    ['to somebody recognised otherwise, public', { 'cache-control': 'max-age=1, public' }, known, undefined],
    ['with a cookie', { 'cache-control': 'max-age=1, public', 'set-cookie': ['a=b'] }, {}, 'set-cookie'],
    ['with a cookie in capitals', { 'cache-control': 'max-age=1, public', 'Set-Cookie': 'a=b' }, {}, 'set-cookie'],
    ['to a cookie, by a guess', { etag: '"a"' }, { headers: { cookie: 'a=b' } }, 'cookie'],
    ['to a cookie, as it says', { 'cache-control': 'max-age=1' }, { headers: { cookie: 'a=b' } }, undefined],
    ['that depends on everything', { 'cache-control': 'max-age=1', vary: 'accept, *' }, {}, 'vary'],
    ['a part', { 'cache-control': 'max-age=1' }, { status: 206 }, 'status'],
    ['RFC 9213: for others, but not for this cache', { 'cache-control': 'max-age=1', 'cdn-cache-control': 'no-store' }, {}, 'no-store'],
    ['RFC 9213: for this cache, but not for others', { 'cache-control': 'no-store', 'cdn-cache-control': 'max-age=1' }, {}, undefined],
  ])('%s', (_what, headers, asked, reason) => {
    expect(why(headers, asked)).toBe(reason)
  })
})

describe('what it serves again (RFC 9111 §4)', () => {
  const grants = { whileRevalidateMs: 0, ifErrorMs: 0 }
  const at = (seconds: number, answer: string, request = '', allowed = grants): string => {
    const verdict = judge(kept({ 'cache-control': answer }), cacheControl(request), seconds * 1_000, allowed)
    return verdict.kind === 'validate' ? `${verdict.because}${verdict.insteadOfError ? ' or instead of an error' : ''}` : verdict.kind
  }

  test.each<[number, string, string, string]>([
    [9, 'max-age=10', '', 'serve'],
    [10, 'max-age=10', '', 'stale'],
    [0, 'max-age=10, no-cache', '', 'stale'],
    [0, 'max-age=10', 'no-cache', 'request'],
    [5, 'max-age=10', 'max-age=5', 'serve'],
    [6, 'max-age=10', 'max-age=5', 'request'],
    [6, 'max-age=10', 'min-fresh=4', 'serve'],
    [7, 'max-age=10', 'min-fresh=4', 'request'],
    [15, 'max-age=10', 'max-stale=5', 'serve'],
    [16, 'max-age=10', 'max-stale=5', 'stale'],
    [999, 'max-age=10', 'max-stale', 'serve'],
    [11, 'max-age=10, must-revalidate', 'max-stale', 'stale'],
    [11, 'max-age=10, proxy-revalidate', 'max-stale', 'stale'],
    [11, 's-maxage=10', 'max-stale', 'stale'],
    [14, 'max-age=10, stale-while-revalidate=5', '', 'serve and renew'],
    [15, 'max-age=10, stale-while-revalidate=5', '', 'stale'],
    [14, 's-maxage=10, stale-while-revalidate=5', '', 'serve and renew'],
    [14, 'max-age=10, stale-while-revalidate=5, must-revalidate', '', 'stale'],
    [14, 'max-age=10, stale-if-error=5', '', 'stale or instead of an error'],
    [15, 'max-age=10, stale-if-error=5', '', 'stale'],
    [14, 'max-age=10', 'stale-if-error=5', 'stale or instead of an error'],
    [14, 's-maxage=10', 'stale-if-error=5', 'stale'],
    [14, 'max-age=10, stale-if-error=5, must-revalidate', '', 'stale'],
    [5, 'max-age=10, immutable', 'max-age=0', 'serve'],
    [5, 'max-age=10, immutable', 'no-cache', 'request'],
    [11, 'max-age=10, immutable', '', 'stale'],
  ])('after %s s, answered with %s, asked with %s: %s', (seconds, answer, request, verdict) => {
    expect(at(seconds, answer, request)).toBe(verdict)
  })

  test('what the configuration grants counts where nothing forbids it', () => {
    const granted = { whileRevalidateMs: 5_000, ifErrorMs: 20_000 }
    expect(at(14, 'max-age=10', '', granted)).toBe('serve and renew')
    expect(at(16, 'max-age=10', '', granted)).toBe('stale or instead of an error')
    for (const forbids of ['must-revalidate', 'proxy-revalidate', 's-maxage=10', 'no-cache'])
      expect(at(14, `max-age=10, ${forbids}`, '', granted)).toBe('stale')
  })

  test('§4.2: without directives of the request it is fresh exactly while its lifetime is longer than its age', () => {
    const second = fc.nat(100)
    fc.assert(
      fc.property(second, second, second, second, (maxAge, age, delay, resident) => {
        const request = { requestedAt: now - delay * 1_000, arrivedAt: now, steadyAt: 77_000 }
        const headers = { 'cache-control': `max-age=${maxAge}`, age: String(age), date: new Date(now).toUTCString() }
        const answer = keep({ url: 'example.com/', scope: 'all' }, {}, { status: 200, headers, body: undefined }, request, routeCaching)
        const currentAge = age + delay + resident
        expect(judge(answer, cacheControl(undefined), 77_000 + resident * 1_000, grants).kind === 'serve').toBe(maxAge > currentAge)
      }),
    )
  })
})
