import { expect, test } from 'vitest'
import { CacheGroup } from '../cache/statistics.ts'
import { instanceRows, unitTable, wayTables } from './live-tables.ts'
import type { LiveInstance } from './live-units.ts'
import { style } from './style.ts'

const plain = style(false)
const sales: LiveInstance = {
  id: 'sales@10.0.0.1:3000/a1',
  unit: 'sales',
  url: 'http://10.0.0.1:3000',
  load: 0.25,
  zone: 'a',
  trouble: undefined,
  status: {
    unit: 'sales',
    instance: undefined,
    pid: 7,
    state: 'ready',
    upMs: 125_000,
    inFlight: 3,
    ways: {
      stock: {
        running: 2,
        waiting: 0,
        limit: 1_000,
        refused: { full: 0, late: 0, broken: 2, absent: 0 },
        calls: 1_204,
        hedging: undefined,
        repeats: 0,
        retriesLeft: 100,
        instances: [
          { instance: 'stock@10.0.0.2:3000/b1', pending: 2, calls: 1_204, failures: 0, latencyMs: 3.16, healthy: true, ejected: undefined, breaker: undefined },
          {
            instance: 'stock@10.0.0.3:3000/b2',
            pending: 0,
            calls: 40,
            failures: 5,
            latencyMs: 420.4,
            healthy: true,
            ejected: '5 calls in a row failed',
            breaker: { state: 'open', calls: 5, failures: 5, refused: 2, reason: '5 failures in a row', retryInMs: 800 },
          },
        ],
      },
    },
  },
}
const stock: LiveInstance = { id: 'stock@10.0.0.3:3000/b2', unit: 'stock', url: 'http://10.0.0.3:3000', status: undefined, trouble: 'does not answer: refused' }

test('the instances of a unit, each with how it is', () => {
  expect(instanceRows('sales', [sales], plain)).toEqual([['instance', sales.id, 'ready  up 2 min, 3 requests, load 25 %, zone a']])
  expect(instanceRows('stock', [stock], plain)).toEqual([['instance', stock.id, 'does not answer: refused']])
  expect(instanceRows('stock', [], plain)).toEqual([['instances', 'none', 'unit stock is not in the registry']])
  expect(instanceRows('stock', undefined, plain)).toEqual([['instances', 'unknown', 'the registry did not say in time where unit stock runs']])
})

test('how the cache of an instance fares, and that its Redis is away', () => {
  const group = new CacheGroup()
  Object.assign(group, { asked: 40, hits: 29, stale: 1 })
  const cache = { memory: { entries: 3, bytes: 300, evictions: 0 }, redis: 'away', of: { 'orders.mine': group.statistics } } as const
  const caching: LiveInstance = { ...sales, status: { ...sales.status!, cache } }
  expect(instanceRows('sales', [caching], plain)[0]![2]).toBe('ready  up 2 min, 3 requests, cache 75 % of 40, Redis away, load 25 %, zone a')
  expect(unitTable(new Map([['sales', [caching]]]), plain)).toMatch(/2 min {2}a, Redis away\n$/)
  const well: LiveInstance = { ...sales, status: { ...sales.status!, cache: { ...cache, redis: 'healthy', of: {} } } }
  expect(instanceRows('sales', [well], plain)[0]![2]).toBe('ready  up 2 min, 3 requests, Redis healthy, load 25 %, zone a')
  expect(unitTable(new Map([['sales', [well]]]), plain)).toMatch(/2 min {2}a\n$/)
})

test('all units in one table', () => {
  const units = new Map([
    ['sales', [sales]],
    ['stock', [stock]],
    ['mail', []],
  ])
  expect(unitTable(units, plain)).toBe(
    [
      'UNIT   INSTANCE                STATE                     REQUESTS  LOAD  UP',
      'sales  sales@10.0.0.1:3000/a1  ready                     3         25 %  2 min  a',
      'stock  stock@10.0.0.3:3000/b2  does not answer: refused',
      'mail   none',
      '',
    ].join('\n'),
  )
})

test('ways are told by whatever they say of themselves, and what nobody says takes no room', () => {
  expect(wayTables(new Map([['sales', [sales]]]), plain)).toBe(
    [
      'ways of sales@10.0.0.1:3000/a1',
      '  to stock  running 2, waiting 0, limit 1,000, calls 1,204, repeats 0, retries left 100, refused broken 2',
      '    INSTANCE                HEALTH   PENDING  CALLS  FAILURES  LATENCY  EJECTED                  BREAKER STATE  BREAKER CALLS  BREAKER FAILURES  BREAKER REFUSED  BREAKER REASON       BREAKER RETRY IN',
      '    stock@10.0.0.2:3000/b1  healthy  2        1,204  0         3.2 ms',
      '    stock@10.0.0.3:3000/b2  ejected  0        40     5         420 ms   5 calls in a row failed  open           5              5                 2                5 failures in a row  800 ms',
      '',
    ].join('\n'),
  )
})
