import { expect, test } from 'vitest'
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
