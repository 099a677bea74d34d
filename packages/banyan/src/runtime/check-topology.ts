import type { App } from '../model/app.ts'
import type { RegistrySetting } from '../model/registry-setting.ts'
import type { Topology, UnitOptions } from '../model/topology.ts'
import { edgeMistakes } from './check-edge.ts'
import { redisMistakes } from './check-redis.ts'

/** What is wrong with the topologies of an app. */
export function topologyMistakes(app: App): string[] {
  return Object.entries(app.topologies).flatMap(([name, topology]) => [
    ...unitMistakes(`topology '${name}'`, topology, Object.keys(app.services)),
    ...registryMistakes(`topology '${name}'`, topology),
    ...redisMistakes(`topology '${name}'`, topology, app),
  ])
}

function unitMistakes(where: string, { units }: Topology, services: readonly string[]): string[] {
  if (units === undefined) return []
  const placed = Object.entries(units).flatMap(([unit, { services: names }]) => names.map((service) => ({ unit, service })))
  const unknown = placed.filter(({ service }) => !services.includes(service))
  const nowhere = services.filter((service) => !placed.some((place) => place.service === service))
  const twice = services.filter((service) => placed.filter((place) => place.service === service).length > 1)
  return [
    ...unknown.map(
      ({ unit, service }) => `${where} places '${service}' in unit '${unit}', but the app has no service '${service}'; it has ${services.join(', ')}`,
    ),
    ...nowhere.map((service) => `${where} places service '${service}' in no unit`),
    ...twice.map(
      (service) =>
        `${where} places service '${service}' in several units (${placed
          .filter((place) => place.service === service)
          .map((place) => place.unit)
          .join(', ')}); a service runs in one unit, which may have replicas`,
    ),
    ...Object.entries(units).flatMap(([unit, { calls = {} }]) => callsMistakes(`${where}: unit '${unit}'`, unit, calls, Object.keys(units))),
  ]
}

const KINDS: ReadonlySet<string> = new Set(['postgres', 'static', 'dns', 'consul'])
const LAST_PORT = 65_535

function registryMistakes(where: string, { registry, units = {} }: Topology): string[] {
  if (registry === undefined) return []
  const kind: string = typeof registry === 'string' ? registry : registry.kind
  if (!KINDS.has(kind)) return [`${where} has the registry '${kind}'; it is 'postgres', 'static', dns(…) or consul(…)`]
  return kind === 'dns' && Object.keys(units).length > 1 ? dnsMistakes(where, registry) : []
}

function dnsMistakes(where: string, registry: RegistrySetting): string[] {
  if (typeof registry === 'string' || registry.kind !== 'dns') return []
  const { names } = registry
  const name = 'srv' in names ? names.srv : names.host
  const port = 'srv' in names ? 1 : names.port
  return [
    ...(name.includes('{unit}') ? [] : [`${where} finds every unit at the same DNS name '${name}'; write {unit} where the name of the unit belongs`]),
    ...(Number.isInteger(port) && port > 0 && port <= LAST_PORT
      ? []
      : [`${where} finds units by DNS at port ${port}; a port is a whole number from 1 to ${LAST_PORT}`]),
  ]
}

function callsMistakes(where: string, unit: string, calls: NonNullable<UnitOptions<string>['calls']>, units: readonly string[]): string[] {
  const others = units.filter((other) => other !== unit)
  return Object.entries(calls).flatMap(([other, edge = {}]) => {
    if (other === unit)
      return [`${where} says how it calls itself; within a unit calls are function calls, and policies are for other units: ${others.join(', ')}`]
    if (!others.includes(other)) return [`${where} says how it calls unit '${other}', which the topology does not have; it has ${others.join(', ')}`]
    return edgeMistakes(`${where} calls '${other}'`, edge)
  })
}
