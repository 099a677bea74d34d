import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { app, consul, dns, start, topology } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import type { RegistrySetting } from '../../src/types.ts'
import { services } from '../runtime/bank.ts'
import { freePorts } from '../../src/testing/free-ports.ts'
import { consulStandIn } from './consul-stand-in.ts'
import { dnsResponder } from './dns-responder.ts'

let installation: TestInstallation
beforeAll(async () => {
  installation = await testInstallation()
})
afterAll(() => installation[Symbol.asyncDispose]())

function opener(registry: RegistrySetting) {
  const bank = app('bank', { services, topologies: { apart: topology({ units: { money: ['bank'], joy: ['fans'] }, registry }) } })
  return (unit: 'money' | 'joy', port = 0) =>
    start(bank, { ...installation.options, topology: 'apart', unit, port, secret: 'a secret that the processes share', log: silentLog })
}

test('units find each other through Consul, also where it comes after them', async () => {
  await using agent = await consulStandIn()
  agent.broken = true
  const open = opener(consul({ url: agent.url }))
  await using joy = await open('joy')
  await using _money = await open('money')
  expect(agent.registered).toEqual([])
  agent.broken = false
  await vi.waitFor(async () => expect(await joy.call.bank.rate({ currency: 'EUR' })).toEqual({ rate: 1 }), { timeout: 60_000 })
  await vi.waitFor(() => expect(new Set(agent.registered.map((id) => id.split('@')[0]))).toEqual(new Set(['joy', 'money'])), { timeout: 60_000 })
})

test('units find each other through DNS', async () => {
  await using responder = await dnsResponder()
  const [port] = await freePorts(1)
  responder.zone.set('_http._tcp.money.test', [{ type: 'SRV', ttl: 1, priority: 0, weight: 1, port: port!, target: 'host.test' }])
  responder.zone.set('host.test', [{ type: 'A', ttl: 1, address: '127.0.0.1' }])
  const open = opener(dns({ srv: '_http._tcp.{unit}.test' }, { servers: [responder.server] }))
  await using joy = await open('joy')
  await using _money = await open('money', port)
  await vi.waitFor(async () => expect(await joy.call.bank.rate({ currency: 'EUR' })).toEqual({ rate: 1 }), { timeout: 60_000 })
})
