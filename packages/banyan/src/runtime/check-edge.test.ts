import { expect, test } from 'vitest'
import { edgeMistakes } from './check-edge.ts'

const found = (said: object): string[] => edgeMistakes("unit 'sales' calls 'stock'", said)

test('what is said right is no mistake', () => {
  const breaker = { failureRatio: 1, minimumCalls: 1, consecutiveFailures: 3, window: '20s', probes: 1, open: '1s', openAtMost: '1m' }
  expect(found({ attempts: 1, breaker, bulkhead: { limit: 1, queue: 0 }, hedging: { quantile: 0.5, minimum: '0ms' } })).toEqual([])
  expect(found({ breaker: false, hedging: true, balancer: 'weighted', slowStart: '0s', attempts: undefined })).toEqual([])
})

test.each([
  [{ attempts: 0 }, 'with attempts 0; it is a whole number from 1'],
  [{ attempts: '3' }, 'with attempts "3"; it is a whole number from 1'],
  [{ breaker: { failureRatio: 1.5 } }, 'with breaker.failureRatio 1.5; it is above 0 and at most 1'],
  [{ breaker: { probes: Number.NaN } }, 'with breaker.probes NaN; it is a whole number from 1'],
  [{ breaker: { window: 10 } }, "with breaker.window 10; it is a text such as '300ms' or '5s'"],
  [{ breaker: { windowMs: 10 } }, "with 'breaker.windowMs', which is no setting; there are failureRatio, minimumCalls, consecutiveFailures, window"],
  [{ breaker: 'on' }, 'with breaker "on"; it is true, false or an object with failureRatio'],
  [{ bulkhead: true }, 'with bulkhead true; it is an object with limit, queue'],
  [{ bulkhead: { limit: 0 } }, 'with bulkhead.limit 0; it is a whole number from 1'],
  [{ hedging: { quantile: 1 } }, 'with hedging.quantile 1; it is above 0 and below 1'],
  [{ balancer: 'random' }, 'with balancer "random"; it is one of peak-ewma, round-robin, weighted, least-connections, consistent-hash'],
  [{ slowStart: '30' }, 'with slowStart "30"; write a number and a unit'],
  [{ retries: 3 }, "with 'retries', which is no setting; there are attempts, breaker, bulkhead, hedging, balancer, slowStart"],
])('%j is a mistake', (said, mistake) => {
  expect(found(said)).toEqual([expect.stringContaining(`unit 'sales' calls 'stock' ${mistake}`)])
})
