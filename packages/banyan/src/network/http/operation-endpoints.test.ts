import { expect, test, vi } from 'vitest'
import { checked, serve, somebody } from '../../../test/http/fixture.ts'
import { SECRET, tokens } from '../../../test/http/peers.ts'
import { opened } from '../../../test/http/stack.ts'
import { peerTokens } from '../../security/peer-token.ts'

const keep = opened()

test.each([
  ['outsiders without a token', {}],
  ['outsiders with a token of their own', { authorization: 'Bearer good' }],
  ['with the token of another app', { authorization: `Bearer ${peerTokens({ app: 'blog', secret: SECRET }).issue('x', somebody)}` }],
])('%s do not reach what is for units of the app', async (_what, headers) => {
  const invoke = vi.fn<() => undefined>()
  const server = keep(await serve(checked(invoke), { peer: { verify: tokens.verify, feed: async () => invoke(), ways: invoke } }))
  for (const path of ['/~/orders/secretly', '/~/orders/nothing', '/%7E/orders/secretly', '/~/orders/~feed']) {
    const answer = await fetch(server.url + path, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{"n":1}' })
    expect([path, answer.status]).toEqual([path, 401])
  }
  expect((await fetch(`${server.url}/~/ways`, { headers })).status).toBe(401)
  expect((await fetch(`${server.url}/~/orders/secretly`)).status).toBe(404)
  expect(invoke).not.toHaveBeenCalled()
})

test('without peers that part of the surface does not exist', async () => {
  const server = keep(await serve(checked(() => undefined)))
  expect((await fetch(`${server.url}/~/orders/secretly`, { method: 'POST' })).status).toBe(404)
})
