import { expect, test } from 'vitest'
import { app } from '../model/app.ts'
import { dns, type RegistrySetting } from '../model/registry-setting.ts'
import { topology } from '../model/topology.ts'
import { topologyMistakes } from './check-topology.ts'

const service = () => Promise.reject(new Error('not loaded here'))
const mistakes = (registry: RegistrySetting) =>
  topologyMistakes(app('shop', { services: { a: service, b: service }, topologies: { split: topology({ units: { x: ['a'], y: ['b'] }, registry }) } } as never))

test.each(['postgres', 'static', dns({ srv: '_http._tcp.{unit}.internal' }), dns({ host: '{unit}', port: 3000 })] as const)('%j is a registry', (registry) => {
  expect(mistakes(registry)).toEqual([])
})

test('a registry that is none, and names under which all units are one', () => {
  expect(mistakes('zookeeper' as never)).toEqual(["topology 'split' has the registry 'zookeeper'; it is 'postgres', 'static', dns(…) or consul(…)"])
  expect(mistakes(dns({ host: 'shop.internal', port: 0 }))).toEqual([
    "topology 'split' finds every unit at the same DNS name 'shop.internal'; write {unit} where the name of the unit belongs",
    "topology 'split' finds units by DNS at port 0; a port is a whole number from 1 to 65535",
  ])
})
