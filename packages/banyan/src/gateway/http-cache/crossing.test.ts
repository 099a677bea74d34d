import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { edgeRequest, heard, identity, type Origin } from '../../../test/http-cache/edge.ts'
import { steppedTime } from '../../../test/http-cache/stepped-time.ts'
import { randomFrom } from '../../../test/random.ts'
import type { Fields } from './fields.ts'
import { httpCache } from './http-cache.ts'

const REQUESTS = Number(process.env['TEST_CACHE_REQUESTS'] ?? 20_000)
const SEED = Number(process.env['TEST_CACHE_SEED'] ?? 20_261_129)
const TOGETHER = 50

/** What an origin may say, and whether the answer may be given to another user than the one it names. */
const kinds: readonly { readonly fields: Fields; readonly shared: (credentials: Credentials) => boolean }[] = [
  { fields: { 'cache-control': 'public, max-age=30' }, shared: () => true },
  { fields: { 'cache-control': 's-maxage=10, stale-while-revalidate=20' }, shared: () => true },
  { fields: { 'cache-control': 'max-age=20, stale-if-error=60' }, shared: (by) => by === 'none' || by === 'cookie' },
  { fields: { 'cache-control': 'max-age=20, must-revalidate' }, shared: (by) => by !== 'session' },
  { fields: { 'cache-control': 'private, max-age=60' }, shared: () => false },
  { fields: { 'cache-control': 'private="x-user", max-age=60' }, shared: () => false },
  { fields: { 'cache-control': 'private=""' }, shared: () => false },
  { fields: { 'cache-control': 'no-store' }, shared: () => false },
  { fields: { 'cache-control': 'max-age=60, public, x="unclosed, private' }, shared: () => false },
  { fields: { 'cache-control': ['max-age=60', 'private'] }, shared: () => false },
  { fields: { 'Cache-Control': 'private, max-age=60' }, shared: () => false },
  { fields: { 'cache-control': 'public, max-age=60', 'Set-Cookie': ['session=1'] }, shared: () => false },
  { fields: { 'cache-control': 'public, max-age=60', vary: '*' }, shared: () => false },
  { fields: { 'cache-control': 'public, max-age=60', vary: 'authorization, cookie, x-session' }, shared: (by) => by === 'none' },
  { fields: { 'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT' }, shared: (by) => by === 'none' },
]

type Credentials = 'none' | 'authorization' | 'cookie' | 'session'
const credentials: readonly Credentials[] = ['none', 'authorization', 'cookie', 'session']

/**
 * The origin answers each request with the name of who asked. A client that hears another's name must have been allowed to: by the kind of
 * the answer and by how the other had shown who they are. Kinds change with time, so that answers are freshened into other kinds as well.
 */
test(`${REQUESTS} requests with mixed credentials: nobody hears what is another's`, async () => {
  const random = randomFrom(SEED)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const time = steppedTime()
  const cache = httpCache({ clock: time })
  const policy = cache.policy()
  let epoch = 0
  const kindAt = (path: string) => kinds[(Number(path.slice(1)) + epoch) % kinds.length]!

  const origin: Origin = async (request) => {
    const kind = kindAt(request.path)
    const { fields } = kind
    const by = String(request.headers['x-by']) as Credentials
    const etag = `"${kinds.indexOf(kind)}"`
    const turn = random()
    if (turn < 0.3) await Promise.resolve()
    if (turn < 0.02) return { status: 503, headers: {}, body: Buffer.from('trouble') }
    if (turn < 0.2 && request.headers['if-none-match'] === etag) return { status: 304, headers: { ...fields, etag }, body: undefined }
    const text = JSON.stringify({ user: request.headers['x-user'], free: kind.shared(by) })
    return { status: 200, headers: { ...fields, etag }, body: turn < 0.5 ? Readable.from([Buffer.from(text)]) : Buffer.from(text) }
  }

  let crossed = 0
  let shared = 0
  async function ask(number: number): Promise<void> {
    const user = `user ${number % 997}`
    const by = pick(credentials)
    const shown = { none: {}, authorization: { authorization: user }, cookie: { cookie: user }, session: { 'x-session': user } }[by]
    const asks = random() < 0.1 ? { 'cache-control': pick(['no-cache', 'max-age=5', 'max-stale=20', 'no-store']) } : {}
    const request = edgeRequest(`/${Math.floor(random() * 40)}`, {
      headers: { 'x-user': user, 'x-by': by, ...shown, ...asks },
      ...(by === 'session' && { identity: identity(user) }),
      method: random() < 0.01 ? 'POST' : 'GET',
    })
    const { status, text } = await heard(await policy(request, origin))
    if (status !== 200 || text === 'trouble') return
    const said = JSON.parse(text) as { user: string; free: boolean }
    if (said.user === user) return
    if (said.free) shared++
    else crossed++
  }

  for (let number = 0; number < REQUESTS; number += TOGETHER) {
    await Promise.all(Array.from({ length: TOGETHER }, (_, index) => ask(number + index)))
    time.step(random() * 2_000)
    if (random() < 0.02) epoch++
  }
  expect(crossed, `seed ${SEED}`).toBe(0)
  expect(shared).toBeGreaterThan(REQUESTS / 20)
  const { hits, collapsed, validated, stale } = cache.status()
  for (const [name, count] of Object.entries({ hits, collapsed, validated, stale })) expect(count, name).toBeGreaterThan(REQUESTS / 1_000)
}, 600_000)
