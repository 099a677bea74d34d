import { expect, test } from 'vitest'
import { edgePolicies } from './edge-policies.ts'

test('nothing said is nothing that differs from any edge', () => {
  expect(edgePolicies()).toEqual({})
})

test('what is said is told in the units of a way', () => {
  const said = {
    attempts: 1,
    breaker: { failureRatio: 0.2, window: '20s', open: '500ms', openAtMost: '1m' },
    bulkhead: { limit: 10, queue: 0 },
    hedging: { quantile: 0.9, minimum: '20ms' },
    slowStart: '0s',
  } as const
  expect(edgePolicies(said)).toEqual({
    attempts: 1,
    breaker: { failureRatio: 0.2, windowMs: 20_000, openMs: 500, openCapMs: 60_000 },
    bulkhead: { limit: 10, queue: 0 },
    hedging: { quantile: 0.9, minimumMs: 20 },
    slowStart: { windowMs: 0 },
  })
})

test('true is the policy with its usual numbers, and false is without it', () => {
  expect(edgePolicies({ breaker: true, hedging: true })).toEqual({ breaker: {}, hedging: {} })
  expect(edgePolicies({ breaker: false, hedging: false })).toEqual({ breaker: false })
})

test('each edge has a balancer of its own, since a balancer remembers', () => {
  const one = edgePolicies({ balancer: 'round-robin' }).balancer
  expect(one).toHaveProperty('pick')
  expect(edgePolicies({ balancer: 'round-robin' }).balancer).not.toBe(one)
})
