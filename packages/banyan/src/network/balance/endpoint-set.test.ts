import { expect, test } from 'vitest'
import { Endpoint } from './endpoint.ts'
import { endpointSet } from './endpoint-set.ts'
import { outlierDetector } from './outliers.ts'
import { slowStartFactor } from './slow-start.ts'

const instances = (count: number, zone?: string) => Array.from({ length: count }, (_, index) => ({ id: `${zone ?? ''}${index}`, zone }))
const fails = (detector: ReturnType<typeof outlierDetector>, endpoint: Endpoint, count: number, at = 0) => {
  for (let i = 0; i < count; i++) detector.record(endpoint, 'failure', at)
}

function detected(count: number) {
  const detector = outlierDetector({ random: () => 0 })
  const endpoints = instances(count).map((instance) => new Endpoint(instance, 0))
  detector.know(endpoints)
  return { detector, endpoints }
}

test('five failures in a row eject for 30 s, and longer the next time', () => {
  const { detector, endpoints } = detected(5)
  const [first] = endpoints as [Endpoint]
  fails(detector, first, 4)
  detector.record(first, 'success', 0)
  fails(detector, first, 4)
  expect(detector.usable(0)).toHaveLength(5)
  fails(detector, first, 1)
  expect(first.ejected).toBe('5 calls in a row failed')
  expect(detector.usable(29_999)).toHaveLength(4)
  expect(detector.usable(30_000)).toHaveLength(5)
  fails(detector, first, 5, 30_000)
  expect(detector.usable(30_000 + 59_999)).toHaveLength(4)
  expect(detector.usable(30_000 + 60_000)).toHaveLength(5)
  for (const at of [100_000, 110_000]) detector.record(first, 'success', at)
  fails(detector, first, 5, 110_000)
  expect(detector.usable(140_000)).toHaveLength(5) // two good intervals made up for it
})

test('a tenth may be ejected, but always one', () => {
  const few = detected(5)
  for (const endpoint of few.endpoints) fails(few.detector, endpoint, 5)
  expect(few.detector.usable(0)).toHaveLength(4)
  const many = detected(30)
  for (const endpoint of many.endpoints) fails(many.detector, endpoint, 5)
  expect(many.detector.usable(0)).toHaveLength(27)
})

test('when too few would be left all are used', () => {
  const { detector, endpoints } = detected(1)
  fails(detector, endpoints[0]!, 5)
  expect(endpoints[0]!.ejected).toBeDefined()
  expect(detector.usable(0)).toEqual(endpoints)
})

test('one that fails more often than its fellows is ejected; a health check that passes brings it back', () => {
  const { detector, endpoints } = detected(6)
  detector.record(endpoints[0]!, 'success', 0)
  for (const endpoint of endpoints) {
    for (let i = 0; i < 200; i++) detector.record(endpoint, endpoint === endpoints[5] && i % 3 === 0 ? 'failure' : 'success', 1)
  }
  detector.record(endpoints[0]!, 'success', 10_000)
  expect(endpoints[5]!.ejected).toMatch(/of its calls succeeded where/)
  expect(detector.usable(10_000)).toHaveLength(5)
  detector.passed(endpoints[5]!)
  expect(detector.usable(10_000)).toHaveLength(6)
})

test('the near ones are taken until they are saturated or too few are healthy', () => {
  const outliers = outlierDetector({ mostEjected: 1 })
  const set = endpointSet({ zone: 'a', saturation: 2, outliers })
  set.update([...instances(2, 'a'), ...instances(8, 'b')], 0)
  const zones = () => new Set(Array.from({ length: 200 }, () => set.pick(0)!.instance.zone))
  expect([...zones()]).toEqual(['a'])
  const [one, other] = set.all.filter(({ instance }) => instance.zone === 'a') as [Endpoint, Endpoint]
  for (const endpoint of [one, one, other, other]) endpoint.begin()
  expect(zones()).toContain('b')
  for (const endpoint of [one, one, other, other]) endpoint.end(0, 1, 'success')
  for (const endpoint of [one, other]) fails(outliers, endpoint, 5)
  expect([...zones()]).toEqual(['b'])
})

test('another than those tried is picked while there is one', () => {
  const set = endpointSet()
  set.update(instances(2), 0)
  const [one, other] = set.all as [Endpoint, Endpoint]
  for (let i = 0; i < 20; i++) expect(set.pick(0, undefined, [one])).toBe(other)
  expect(set.pick(0, undefined, [one, other])).toBeDefined()
  set.update([], 0)
  expect(set.pick(0)).toBeUndefined()
})

test('one of which nothing is known gets a call at once, however fast its fellows are, and no second before it has answered', () => {
  const set = endpointSet()
  set.update(instances(1), 0)
  set.all[0]!.begin()
  set.all[0]!.end(1, 0.2, 'success')
  set.update(instances(2), 2)
  const fresh = set.all[1]!
  expect(set.pick(2)).toBe(fresh)
  fresh.begin()
  expect(set.pick(2)).toBe(set.all[0])
  fresh.end(3, 0.1, 'success')
  expect(fresh.latencyMs).toBe(0.1)
  fresh.forget()
  expect(set.pick(3)).toBe(fresh)
})

test('what is known of an instance outlives an update, and a new one begins with a tenth', () => {
  const set = endpointSet()
  set.update(instances(1), 0)
  const [known] = set.all as [Endpoint]
  expect(known.share(0)).toBe(1)
  set.update(instances(2), 1_000)
  expect(set.all[0]).toBe(known)
  expect([1_000, 16_000, 31_000].map((at) => set.all[1]!.share(at))).toEqual([0.1, 0.5, 1])
  expect(slowStartFactor(7_500, { aggression: 2 })).toBe(0.5)
})
