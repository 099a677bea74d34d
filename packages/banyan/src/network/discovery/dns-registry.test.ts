import { expect, test, vi } from 'vitest'
import { dnsResponder, type DnsRecord } from '../../../test/discovery/dns-responder.ts'
import { watched } from '../../../test/discovery/registry-contract.ts'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { dnsRegistry } from './dns-registry.ts'

const a = (address: string, ttl = 1): DnsRecord => ({ type: 'A', ttl, address })
const srv = (priority: number, weight: number, port: number, target: string): DnsRecord => ({ type: 'SRV', ttl: 1, priority, weight, port, target })
const orders = { orders: { host: 'orders.test', port: 3000 } }
const soon = { atLeastMs: 10, atMostMs: 10 }

/** Says for how long each wait would be, and does not wait. */
function impatient(waits: number[]): Clock {
  return { ...systemClock, wait: (ms, signal) => (waits.push(ms), systemClock.wait(5, signal)) }
}

test('each address of a name is an instance, IPv6 ones in brackets, and a change is told once', async () => {
  await using dns = await dnsResponder()
  dns.zone.set('orders.test', [a('10.0.0.8'), a('10.0.0.7'), { type: 'AAAA', ttl: 1, address: 'fd00::7' }])
  await using registry = dnsRegistry({ units: orders, servers: [dns.server], ...soon })
  using seen = watched(registry, 'orders')
  await expect.poll(() => seen.lists).toHaveLength(1)
  expect(seen.lists[0]).toEqual(
    ['10.0.0.7:3000', '10.0.0.8:3000', '[fd00::7]:3000'].map((place) => ({ id: `orders@${place}`, unit: 'orders', url: `http://${place}` })),
  )
  dns.zone.set('orders.test', [a('10.0.0.7'), a('10.0.0.8')])
  await expect.poll(() => seen.ids()).toEqual(['orders@10.0.0.7:3000', 'orders@10.0.0.8:3000'])
  const before = dns.asked.length
  // the same addresses in another order are the same list
  dns.zone.set('orders.test', [a('10.0.0.8'), a('10.0.0.7')])
  await expect.poll(() => dns.asked.length).toBeGreaterThan(before + 6)
  expect(seen.lists).toHaveLength(2)
})

test('of SRV records the best priority counts, with ports and weights', async () => {
  await using dns = await dnsResponder()
  dns.zone.set('_http._tcp.orders.test', [srv(1, 30, 3001, 'one.test'), srv(1, 0, 3002, 'two.test'), srv(2, 50, 3003, 'spare.test')])
  dns.zone.set('one.test', [a('10.0.0.1'), a('10.0.0.2')])
  dns.zone.set('two.test', [a('10.0.0.3')])
  dns.zone.set('spare.test', [a('10.0.0.4')])
  await using registry = dnsRegistry({ units: { orders: { srv: '_http._tcp.orders.test' } }, servers: [dns.server], ...soon })
  using seen = watched(registry, 'orders')
  await expect.poll(() => seen.lists).toHaveLength(1)
  expect(seen.lists[0]?.map(({ url, weight }) => [url, weight])).toEqual([
    ['http://10.0.0.1:3001', 15],
    ['http://10.0.0.2:3001', 15],
    ['http://10.0.0.3:3002', 0.01],
  ])
  dns.zone.set('_http._tcp.orders.test', [srv(2, 0, 3003, 'spare.test')])
  await expect.poll(() => seen.lists.at(-1)).toEqual([{ id: 'orders@10.0.0.4:3003', unit: 'orders', url: 'http://10.0.0.4:3003', weight: 1 }])
})

test('while DNS fails the last answer stays in use, which is said once; that a name is gone is an answer', async () => {
  await using dns = await dnsResponder()
  const lines: string[] = []
  const say = (message: string) => void lines.push(message)
  dns.zone.set('orders.test', [a('10.0.0.7')])
  await using registry = dnsRegistry({ units: orders, servers: [dns.server], ...soon, log: { debug: say, info: say, warn: say, error: say } })
  using seen = watched(registry, 'orders')
  await expect.poll(() => seen.lists).toHaveLength(1)
  dns.failing = true
  const before = dns.asked.length
  await vi.waitFor(() => expect(dns.asked.length).toBeGreaterThan(before + 12), { timeout: 60_000 })
  expect(seen.lists).toHaveLength(1)
  dns.zone.delete('orders.test')
  dns.failing = false
  await vi.waitFor(() => expect(seen.ids()).toEqual([]), { timeout: 60_000 })
  expect(lines).toEqual([expect.stringContaining('cannot be asked'), expect.stringContaining('answers again')])
})

test('the shortest TTL says when to ask again, within bounds, and a period where there is none', async () => {
  await using dns = await dnsResponder()
  const waits: number[] = []
  await using registry = dnsRegistry({ units: orders, servers: [dns.server], everyMs: 7_000, clock: impatient(waits) })
  dns.zone.set('orders.test', [a('10.0.0.7', 20), a('10.0.0.8', 4)])
  using _seen = watched(registry, 'orders')
  await expect.poll(() => waits).toContain(4_000)
  dns.zone.set('orders.test', [a('10.0.0.7', 0)])
  await expect.poll(() => waits).toContain(1_000)
  dns.zone.set('orders.test', [a('10.0.0.7', 3_600)])
  await expect.poll(() => waits).toContain(30_000)
  dns.zone.set('orders.test', [])
  await expect.poll(() => waits).toContain(7_000)
  expect(new Set(waits)).toEqual(new Set([4_000, 1_000, 30_000, 7_000]))
})

test('a unit without a name has no instances, and disposing leaves no wait and no question', async () => {
  await using dns = await dnsResponder()
  let waits = 0
  const clock: Clock = { ...systemClock, wait: (ms, signal) => (waits++, systemClock.wait(ms, signal).finally(() => waits--)) }
  const registry = dnsRegistry({ units: orders, servers: [dns.server], clock })
  using nobody = watched(registry, 'billing')
  using seen = watched(registry, 'orders')
  await expect.poll(() => [nobody.lists, seen.lists]).toEqual([[[]], [[]]])
  await registry[Symbol.asyncDispose]()
  expect(waits).toBe(0)
})
