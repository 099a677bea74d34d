import { expect, test } from 'vitest'
import { limitMistakes, proxyMistakes } from './check-limits.ts'

const found = (policy: object) => limitMistakes('orders', { policies: { place: policy } })

test('what is said right is no mistake', () => {
  expect(found({ limit: { rate: '10/s', burst: 20, per: 'user', cost: 2, name: 'orders', algorithm: 'gcra' } })).toEqual([])
  expect(
    found({
      limit: [
        { rate: '1000/h', per: () => 'a', cost: () => 1, algorithm: 'sliding-window' },
        { concurrency: 3, lease: '90s' },
      ],
    }),
  ).toEqual([])
  expect(found({ quota: { perDay: 10, perMonth: 100, per: 'tenant' } })).toEqual([])
  expect(found({ quota: { plans: { free: { perDay: 1 }, pro: {} }, plan: () => 'free' } })).toEqual([])
})

const wrong: readonly (readonly [object, string])[] = [
  [{ limit: '10/s' }, `has a limit "10/s"; write { rate: '10/s' } or { concurrency: 5 }`],
  [{ limit: {} }, "has a limit whose rate is wrong: 'undefined' is not a rate"],
  [{ limit: { rate: '10 per s' } }, "has a limit whose rate is wrong: '10 per s' is not a rate; write a count and a unit"],
  [{ limit: { rate: '10/s', burst: 0 } }, 'has a limit with burst 0; it is a whole number from 1 to 10000000'],
  [{ limit: { rate: '99999999/d' } }, 'has a limit of 99999999/d; the count is 10000000 at most'],
  [{ limit: { rate: '10/s', per: 'account' } }, 'has a limit per "account"; it is one of user, ip, tenant, operation, or a function'],
  [{ limit: { rate: '10/s', cost: 1.5 } }, 'has a limit with cost 1.5; it is a whole number from 0, or a function of the input'],
  [{ limit: { rate: '10/s', cost: 11 } }, 'has a limit that admits nothing: each request costs 11, and there are 10 at most'],
  [{ limit: { rate: '10/s', algorithm: 'leaky' } }, 'has a limit with algorithm "leaky"; it is one of token-bucket, gcra, sliding-window'],
  [{ limit: { rate: '10/s', algorithm: 'sliding-window', burst: 5 } }, 'has a limit with a burst and a sliding window, which has none'],
  [{ limit: { rate: '200000/s', algorithm: 'gcra' } }, 'has a limit of 200000/s by GCRA, which goes up to 100000/s'],
  [{ limit: { rate: '10/s', name: 'a "b"' } }, 'has a limit with the name "a \\"b\\""; a name has letters'],
  [{ limit: { rate: '10/s', also: 'everybody' } }, 'has a limit that is also for "everybody"; it is \'services\', or left out'],
  [{ limit: { rate: '10/s', window: 3 } }, "has a limit with 'window', which is no setting of it; there are rate, burst"],
  [{ limit: { concurrency: 0 } }, 'has a limit with concurrency 0; it is a whole number from 1'],
  [{ limit: { concurrency: 5, lease: '0s' } }, 'has a limit with a lease of 0s; it is more than nothing'],
  [{ limit: { concurrency: 5, lease: 'long' } }, "has a limit whose lease is wrong: 'long' is not a duration"],
  [{ quota: {} }, 'has a quota without a size; write perDay, perMonth or plans'],
  [{ quota: { perMonth: -1 } }, 'has a quota with perMonth -1; it is a whole number from 1'],
  [{ quota: { plans: {}, plan: () => 'a' } }, 'has a quota without a plan'],
  [{ quota: { plans: { free: { perYear: 1 } }, plan: () => 'free' } }, "has a quota whose plan 'free' has 'perYear'; there are perDay and perMonth"],
  [{ quota: { plans: { free: {} } } }, 'has a quota with plans, but nothing says who has which'],
]

test.each(wrong)('%j is a mistake', (policy, mistake) => {
  expect(found(policy)).toEqual([expect.stringContaining(`operation 'orders.place' ${mistake}`)])
})

test('proxies and their header are looked at', () => {
  expect(proxyMistakes({ http: {} })).toEqual([])
  expect(proxyMistakes({ http: { trustedProxies: ['somewhere'], forwardedHeader: 'via' as never } })).toEqual([
    "http.forwardedHeader is 'via'; it is 'x-forwarded-for' or 'forwarded'",
    expect.stringContaining("'somewhere' among http.trustedProxies is no network"),
  ])
})
