import { expect, test } from 'vitest'
import type { OutcomeStatus } from '../network/http/outcome-meter.ts'
import { meter } from '../observe/meter.ts'
import type { LiveInstance } from './live-units.ts'
import { style } from './style.ts'
import { trafficTables } from './traffic-tables.ts'

const plain = style(false)

/** A status of statuses that ended just now, each after as many milliseconds. */
function counted(ended: readonly (readonly [number, number])[], inFlight = 0): ReturnType<ReturnType<typeof meter>['status']> {
  const one = meter(0)
  for (const [status, ms] of ended) {
    one.begin()
    one.end(status, 10_000 - ms, 10_000)
  }
  for (let i = 0; i < inFlight; i++) one.begin()
  return one.status(10_000)
}

const quiet = { cache: { hits: 0, misses: 0 }, refused: { limit: 0, access: 0 } }
const instance = (id: string, status: Partial<NonNullable<LiveInstance['status']>>): LiveInstance => ({
  id,
  unit: 'all',
  url: 'http://10.0.0.1:3000',
  trouble: undefined,
  status: { unit: 'all', instance: undefined, pid: 7, state: 'ready', upMs: 1, inFlight: 0, ways: {}, ...status },
})

test('operations over all instances: what fails first, then what is asked most', () => {
  const place: OutcomeStatus = { ...counted([[200, 40], [503, 2_000]], 2), ...quiet, refused: { limit: 7, access: 0 } } // prettier-ignore
  const byId: OutcomeStatus = {
    ...counted(Array.from({ length: 200 }, (_, at) => [at === 0 ? 404 : 200, 1] as const)),
    ...quiet,
    cache: { hits: 3, misses: 1 },
  }
  const idle: OutcomeStatus = { ...counted([]), ...quiet, refused: { limit: 0, access: 1 } }
  const units = new Map([
    [
      'all',
      [
        instance('a', { operations: { 'orders.byId': byId, 'orders.idle': idle } }),
        instance('b', { operations: { 'orders.place': place, 'orders.byId': byId } }),
      ],
    ],
  ])
  expect(trafficTables(units, plain).split('\n')).toEqual([
    'operations  rates and times of the last minute; cached, limited and denied since the start',
    '  OPERATION     /S   4XX    5XX   P50     P95       P99       IN FLIGHT  CACHED  LIMITED  DENIED',
    '  orders.place  0.2         50 %  41 ms   2,008 ms  2,008 ms  2                  7',
    '  orders.byId   40   < 1 %        1.0 ms  1.0 ms    1.0 ms               75 %',
    '  orders.idle   0                                                                         1',
    '',
  ])
})

test('routes and upstreams of the gateway file, and which targets are not well', () => {
  const status = counted([[200, 5], [502, 5]]) // prettier-ignore
  const target = {
    instance: 'http://10.0.0.7',
    pending: 0,
    calls: 2,
    failures: 1,
    latencyMs: 5,
    healthy: true,
    ejected: undefined,
    breaker: undefined,
    fault: undefined,
  }
  const breaker = { state: 'open', calls: 5, failures: 5, refused: 2, reason: '5 failures in a row', retryInMs: 800 } as const
  const gateway = {
    routes: {
      '/stock/*': { ...status, ...quiet, refused: { limit: 3, access: 0 }, to: 'stock', policies: ['cache'] },
      '/old': { ...counted([]), ...quiet, to: '', policies: ['redirect'] },
    },
    upstreams: {
      stock: {
        ...status,
        bulkhead: undefined,
        retriesLeft: 99.5,
        targets: [
          target,
          { ...target, instance: 'http://10.0.0.8', breaker },
          { ...target, instance: 'http://10.0.0.9', healthy: false, fault: 'it refuses connections' },
        ],
      },
    },
  }
  const text = trafficTables(new Map([['all', [instance('a', { gateway })]]]), plain)
  expect(text).toContain('routes  rates and times of the last minute; cached, limited and denied since the start')
  expect(text).toMatch(/\/stock\/\* +0\.2 +50 % .* 3 +stock\n/)
  expect(text).toMatch(/\/old +0 .* answers itself\n/)
  expect(text).toMatch(
    /stock +0\.2 +50 % .* 99 +1 of 3 well; http:\/\/10\.0\.0\.8: breaker open: 5 failures in a row; http:\/\/10\.0\.0\.9: not healthy: it refuses connections\n/,
  )
})

test('nothing is said where nothing is known', () => {
  expect(trafficTables(new Map([['all', [instance('a', {})]]]), plain)).toBe('')
})
