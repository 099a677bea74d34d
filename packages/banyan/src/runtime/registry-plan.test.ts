import { expect, test } from 'vitest'
import { consul, dns } from '../model/registry-setting.ts'
import { env } from '../model/setting.ts'
import { single, topology, type TopologyOptions } from '../model/topology.ts'
import { registryOf } from './registry-plan.ts'

type Variables = Record<string, string>

const split = (options: Partial<TopologyOptions<string>> = {}) => topology({ units: { sales: ['orders'], stock: ['catalog'] }, ...options })
const plan = (declared: ReturnType<typeof split>, variables: Variables = {}, addresses: Record<string, string> = {}) =>
  registryOf(declared, 'sales', ['sales', 'stock'], { variables, addresses })
const withUrls = {
  units: { sales: { services: ['orders'], url: 'http://a:1' }, stock: { services: ['catalog'], url: env('STOCK_URL', 'http://b:1, http://b:2') } },
}

test('nothing said: leases in the database, and no address', () => {
  expect(plan(split())).toEqual({ use: { kind: 'postgres' }, addresses: {}, url: undefined, zone: undefined, weight: undefined })
})

test('addresses count where every unit has one, from the topology or the environment', () => {
  expect(plan(split(withUrls))).toMatchObject({ use: { kind: 'static' }, addresses: { stock: ['http://b:1', 'http://b:2'] }, url: 'http://a:1' })
  expect(plan(split(), {}, { sales: 'http://a:1', stock: 'http://b:1' })).toMatchObject({ use: { kind: 'static' }, addresses: { stock: ['http://b:1'] } })
  expect(plan(split(), {}, { stock: 'http://b:1' })).toMatchObject({ use: { kind: 'postgres' }, addresses: { stock: ['http://b:1'] } })
})

test('a registry that is said is used though urls are declared, but for addresses of the environment', () => {
  expect(plan(split({ ...withUrls, registry: 'postgres' }))).toMatchObject({ use: { kind: 'postgres' }, addresses: {}, url: 'http://a:1' })
  expect(plan(split({ registry: 'postgres' }), {}, { stock: 'http://b:1' })).toMatchObject({ addresses: { stock: ['http://b:1'] } })
  expect(plan(split({ registry: 'static' }), { BANYAN_REGISTRY: 'postgres' })).toMatchObject({ use: { kind: 'postgres' } })
})

test('DNS and Consul keep what they were told, and Consul has the variables that its own programs know', () => {
  expect(plan(split({ registry: dns({ srv: '_http._tcp.{unit}' }) })).use).toEqual({ kind: 'dns', names: { srv: '_http._tcp.{unit}' }, servers: undefined })
  expect(plan(split({ registry: consul() })).use).toEqual({ kind: 'consul', url: 'http://127.0.0.1:8500', token: undefined })
  const variables = { CONSUL_HTTP_ADDR: 'consul:8500', CONSUL_HTTP_TOKEN: 'secret' }
  expect(plan(split({ registry: consul() }), variables).use).toEqual({ kind: 'consul', url: 'http://consul:8500', token: 'secret' })
})

test('a process says by its environment where it is', () => {
  const variables = { BANYAN_URL: 'http://10.0.0.7:3000', BANYAN_ZONE: 'a', BANYAN_WEIGHT: '2.5' }
  expect(plan(split(withUrls), variables)).toMatchObject({ url: 'http://10.0.0.7:3000', zone: 'a', weight: 2.5 })
  expect(plan(split({ zone: env('ZONE') }), { ...variables, ZONE: 'b' }).zone).toBe('b')
})

test('a topology of one unit announces nothing', () => {
  expect(registryOf(single(), 'all', ['all'], { variables: {}, addresses: {} }).use).toEqual({ kind: 'static' })
})

test.each([
  [{ BANYAN_REGISTRY: 'zookeeper' }, "BANYAN_REGISTRY is 'zookeeper'; it is postgres or static"],
  [{ BANYAN_WEIGHT: '-1' }, "BANYAN_WEIGHT is '-1'; it is a number above 0"],
])('%j is refused', (variables, message) => {
  expect(() => plan(split(), variables)).toThrow(message)
})

test('an address of Consul that is none is refused', () => {
  expect(() => plan(split({ registry: consul({ url: 'http://' }) }))).toThrow("the address of Consul is 'http://'")
  expect(() => plan(split({ registry: consul({ url: env('NOWHERE') }) }))).toThrow('the address of Consul is not set')
})
