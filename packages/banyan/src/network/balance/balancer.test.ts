import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leastPending, peakEwma, roundRobin, weighted, type Balancer } from './balancer.ts'
import { consistentHash } from './consistent-hash.ts'
import { Endpoint } from './endpoint.ts'

const endpoint = (id: string, weight = 1) => new Endpoint({ id, weight }, 0)
const ids = (balancer: Balancer, endpoints: readonly Endpoint[], count: number) =>
  Array.from({ length: count }, () => balancer.pick(endpoints, 0).instance.id).join('')

test('round robin goes round', () => {
  expect(
    ids(
      roundRobin(),
      ['a', 'b', 'c'].map((id) => endpoint(id)),
      6,
    ),
  ).toBe('abcabc')
})

test('weights are kept exactly, and spread', () => {
  expect(ids(weighted(), [endpoint('a', 2), endpoint('b')], 6)).toBe('abaaba')
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const endpoints = weights.map((weight, index) => endpoint(String(index), weight))
      const balancer = weighted()
      const picked = weights.map(() => 0)
      for (let i = weights.reduce((sum, weight) => sum + weight, 0); i > 0; i--) picked[Number(balancer.pick(endpoints, 0).instance.id)]!++
      expect(picked).toEqual(weights)
    }),
  )
})

test('the one with least to do for its weight is taken', () => {
  const [a, b] = [endpoint('a', 4), endpoint('b')]
  for (let i = 0; i < 3; i++) a.begin()
  b.begin()
  expect(leastPending().pick([a, b], 0)).toBe(a)
})

test('of two the cheaper is taken, and a failure is never cheap', () => {
  const [fast, failing] = [endpoint('a'), endpoint('b')]
  for (let i = 0; i < 10; i++) {
    for (const one of [fast, failing]) one.begin()
    fast.end(i, 10, 'success')
    failing.end(i, 0.1, 'failure')
  }
  for (let i = 0; i < 20; i++) expect(peakEwma().pick([fast, failing], 10)).toBe(fast)
})

test('the latency follows a slower answer at once and a faster one over ten seconds', () => {
  const one = endpoint('a')
  one.begin()
  one.end(0, 100, 'success')
  expect(one.latencyMs).toBe(100)
  one.begin()
  one.end(10_000, 0, 'success')
  expect(one.latencyMs).toBeCloseTo(100 / Math.E)
})

const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 12 })
const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`)

test('when an endpoint goes only its own keys move, when one comes only to it', () => {
  fc.assert(
    fc.property(names, fc.nat(), (all, which) => {
      const balancer = consistentHash()
      const endpoints = all.map((id) => endpoint(id))
      const gone = endpoints[which % endpoints.length]!
      const left = endpoints.filter((one) => one !== gone)
      for (const key of keys) {
        const before = balancer.pick(endpoints, 0, key)
        if (before !== gone) expect(balancer.pick(left, 0, key)).toBe(before)
      }
    }),
  )
})

test('keys are spread by weight', () => {
  const endpoints = [endpoint('a'), endpoint('b', 2), endpoint('c')]
  const balancer = consistentHash()
  const picked: Record<string, number> = {}
  for (let i = 0; i < 8_000; i++) {
    const { id } = balancer.pick(endpoints, 0, `customer/${i}`).instance
    picked[id] = (picked[id] ?? 0) + 1
  }
  expect(picked['a']! / 2_000).toBeCloseTo(1, 0.9)
  expect(picked['b']! / 4_000).toBeCloseTo(1, 0.9)
})

test('no endpoint is loaded above the bound, however alike the keys', () => {
  fc.assert(
    fc.property(names, fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 200 }), (all, calls) => {
      const endpoints = all.map((id) => endpoint(id))
      const balancer = consistentHash()
      calls.forEach((key, index) => {
        const picked = balancer.pick(endpoints, 0, key)
        picked.begin()
        expect(picked.pending).toBeLessThanOrEqual(Math.ceil((1.25 * (index + 1)) / endpoints.length))
      })
    }),
  )
})
