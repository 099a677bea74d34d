import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { consulStandIn } from '../../../test/discovery/consul-stand-in.ts'
import { instanceOf, registryContract, watched } from '../../../test/discovery/registry-contract.ts'
import { consulRegistry } from './consul-registry.ts'

const real = process.env['CONSUL_HTTP_ADDR']

describe('the contract, with a stand-in', () => {
  registryContract(async () => {
    const consul = await consulStandIn()
    return {
      join: (leaseMs, clock) => consulRegistry({ app: 'shop', url: consul.url, leaseMs, clock }),
      connections: () => consul.connections(),
      [Symbol.asyncDispose]: () => consul[Symbol.asyncDispose](),
    }
  })
})

if (real === undefined) test('the contract, with a real Consul', ({ skip }) => skip('CONSUL_HTTP_ADDR names no Consul to test with'))
else
  describe('the contract, with a real Consul', () => {
    const app = `t${randomUUID().slice(0, 8)}`
    const url = real.includes('://') ? real : `http://${real}`
    registryContract(async () => ({ join: (leaseMs, clock) => consulRegistry({ app, url, leaseMs, clock }), [Symbol.asyncDispose]: async () => {} }))
  })

test('an index that goes backwards begins anew, and nothing is missed', async () => {
  await using consul = await consulStandIn()
  await using registry = consulRegistry({ app: 'shop', url: consul.url })
  using seen = watched(registry, 'orders')
  await expect.poll(() => consul.asked).toEqual([null, '10'])
  consul.rewind()
  await expect.poll(() => consul.asked.slice(0, 4)).toEqual([null, '10', null, '1'])
  const said = instanceOf('orders', 3000)
  await registry.announce(said)
  await expect.poll(() => seen.ids()).toEqual([said.id])
})

test('an instance that the agent forgot registers anew', async () => {
  await using consul = await consulStandIn()
  await using registry = consulRegistry({ app: 'shop', url: consul.url, leaseMs: 300 })
  const said = instanceOf('orders', 3000)
  await registry.announce(said)
  using seen = watched(registry, 'orders')
  await expect.poll(() => seen.ids()).toEqual([said.id])
  consul.forget()
  await vi.waitFor(() => expect(consul.registered).toEqual([said.id, said.id]), { timeout: 60_000 })
  await expect.poll(() => seen.ids()).toEqual([said.id])
})

test('while Consul fails what was known stays in use, which is said once', async () => {
  await using consul = await consulStandIn()
  const warned: string[] = []
  const log = { debug: () => {}, info: () => {}, warn: (message: string) => void warned.push(message), error: () => {} }
  await using registry = consulRegistry({ app: 'shop', url: consul.url, waitMs: 50, log })
  const said = instanceOf('orders', 3000)
  await registry.announce(said)
  using seen = watched(registry, 'orders')
  await expect.poll(() => seen.ids()).toEqual([said.id])
  consul.broken = true
  await expect.poll(() => warned).toEqual([expect.stringContaining("unit 'orders'")])
  await expect(registry.announce(instanceOf('orders', 3001))).rejects.toMatchObject({ code: 'unavailable' })
  expect(seen.lists).toHaveLength(1)
  consul.broken = false
})
