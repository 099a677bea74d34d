import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../limits/stores.ts'
import { identity } from '../../security/identity.ts'
import { edgeRequest } from '../../../test/gateway/edge-request.ts'
import type { EdgeAnswer, Policy } from '../exchange.ts'
import { limitPolicy } from './limit.ts'

const ask = (policy: Policy, request: Parameters<typeof edgeRequest>[0] = {}): Promise<EdgeAnswer> =>
  policy(edgeRequest(request), async () => ({ status: 200, headers: {}, body: undefined }))
const statuses = async (policy: Policy, ...requests: Parameters<typeof edgeRequest>[0][]) => {
  const found: number[] = []
  for (const request of requests) found.push((await ask(policy, request)).status)
  return found
}

test('a rate alone is one for each address, and what is left is told', async () => {
  const policy = limitPolicy.open('2/d', { directory: '.' })
  expect(await statuses(policy, { client: '192.0.2.1' }, { client: '192.0.2.1' }, { client: '192.0.2.1' }, { client: '192.0.2.2' })).toEqual([
    200, 200, 429, 200,
  ])
  const refused = await ask(policy, { client: '192.0.2.1' })
  expect(refused.headers).toMatchObject({
    'ratelimit-policy': '"ip";q=2;w=86400',
    ratelimit: expect.stringMatching(/^"ip";r=0;t=\d+$/),
    'retry-after': expect.stringMatching(/^4\d{4}$/),
  })
  expect(JSON.parse((refused.body as Buffer).toString())).toMatchObject({
    code: 'rate_limited',
    status: 429,
    detail: expect.stringContaining("limited to 2/d by the limit 'ip'"),
  })
})

test('counts are of a user, or of the route as a whole', async () => {
  const [ada, bo] = [{ identity: identity({ subject: 'ada' }) }, { identity: identity({ subject: 'bo' }) }]
  const perUser = limitPolicy.open({ rate: '1/d', per: 'user' }, { directory: '.' })
  expect(await statuses(perUser, ada, bo, ada)).toEqual([200, 200, 429])
  const perRoute = limitPolicy.open({ rate: '10/d', burst: 1, per: 'route' }, { directory: '.' })
  expect(await statuses(perRoute, ada, bo)).toEqual([200, 429])
})

test('a limit that is opened again as before goes on counting; another one begins anew', async () => {
  const limits = memoryStore()
  const open = (rate: '2/d' | '3/d') => limitPolicy.open(rate, { directory: '.', limits })
  expect(await statuses(open('2/d'), {}, {}, {})).toEqual([200, 200, 429])
  expect(await statuses(open('2/d'), {})).toEqual([429])
  expect(await statuses(open('3/d'), {})).toEqual([200])
})

describe('limits in a row', () => {
  const parts = { directory: '.' }
  const perUser = { identity: identity({ subject: 'ada' }) }

  test('are spent together or not at all', async () => {
    const policy = limitPolicy.openRow!(['3/d', { rate: '1/d', per: 'user' }], parts)
    expect(await statuses(policy, perUser, perUser, perUser, perUser)).toEqual([200, 429, 429, 429])
    // of the first, one is spent, and so it is told
    const refused = await ask(policy, perUser)
    expect(refused.headers).toMatchObject({
      'ratelimit-policy': '"ip";q=3;w=86400, "user";q=1;w=86400',
      ratelimit: expect.stringMatching(/^"ip";r=2;t=\d+, "user";r=0;/),
    })
    const bo = { identity: identity({ subject: 'bo' }) }
    const cy = { identity: identity({ subject: 'cy' }) }
    expect(await statuses(policy, bo, cy, { identity: identity({ subject: 'di' }) })).toEqual([200, 200, 429])
  })

  test('of one kind have names of their own, and one that stands there twice counts once', async () => {
    const policy = limitPolicy.openRow!(['2/d', '5/h', '2/d'], parts)
    const answer = await ask(policy)
    expect(answer.headers).toMatchObject({
      'ratelimit-policy': '"ip";q=2;w=86400, "ip-2";q=5;w=3600',
      ratelimit: expect.stringMatching(/^"ip";r=1;t=\d+, "ip-2";r=4;/),
    })
  })

  test('go on counting when another is put beside them', async () => {
    const limits = memoryStore()
    expect(await statuses(limitPolicy.open('2/d', { ...parts, limits }), {})).toEqual([200])
    expect(await statuses(limitPolicy.openRow!(['9/s', '2/d'], { ...parts, limits }), {}, {})).toEqual([200, 429])
  })
})

describe('a limit that speaks of a Redis', () => {
  test.each([
    [{ store: 'redis' }, 'store speaks of a Redis, and none is named; write redis: ${REDIS_URL} at the top of the file'],
    [{ whenAway: 'closed' }, 'whenAway speaks of a Redis, and none is named'],
    [{ store: 'memory', whenAway: 'open' }, 'whenAway speaks of a Redis, and store is memory, which is never away; leave one of them out'],
  ] as const)('has to have one: %j', (said, mistake) => {
    expect(() => limitPolicy.open({ rate: '1/s', ...said }, { directory: '.' })).toThrow(mistake)
  })

  test('is counted there, unless it is to be counted in memory', async () => {
    const shared = { stores: { open: memoryStore(), closed: memoryStore() }, usual: 'closed' } as const
    const open = (said: object = {}) => limitPolicy.open({ rate: '1/d', ...said }, { directory: '.', shared })
    expect(await statuses(open(), {})).toEqual([200])
    expect(await statuses(open({ whenAway: 'closed' }), {})).toEqual([429])
    expect(await statuses(open({ whenAway: 'open', store: 'redis' }), {})).toEqual([200])
    expect(await statuses(open({ store: 'memory' }), {})).toEqual([200])
  })
})
