import { expect, test } from 'vitest'
import { checked, nobody, serve } from '../../../test/http/fixture.ts'
import { opened } from '../../../test/http/stack.ts'
import { identity } from '../../security/identity.ts'

const keep = opened()
const rules = { everybody: true, session: false, browser: 0, cdn: 60, staleWhileRevalidate: 0, staleIfError: 0, tags: () => [] }

test.each([['authorization'], ['x-api-key'], ['cookie']])(
  'what is answered to who is known by %s is for nobody else, whatever else is public',
  async (name) => {
    const server = keep(
      await serve(
        checked((_operation, _input, { identity: { tenant } }) => ({ orderId: '1', total: { amount: 1, currency: tenant } })),
        {
          authenticate: ({ headers }) => (headers[name] === undefined ? nobody : identity({ subject: 'ada', tenant: 'other' })),
          cache: () => rules,
        },
      ),
    )
    const cacheControl = async (headers: Record<string, string>) => (await fetch(`${server.url}/orders/1`, { headers })).headers.get('cache-control')
    expect(await cacheControl({})).toBe('public, max-age=0, s-maxage=60')
    expect(await cacheControl({ [name]: 'a' })).toBe('private, no-cache')
    expect(await cacheControl({})).toBe('public, max-age=0, s-maxage=60')
  },
)
