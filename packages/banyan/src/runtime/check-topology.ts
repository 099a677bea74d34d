import type { App } from '../model/app.ts'
import type { Topology } from '../model/topology.ts'

/** What is wrong with the topologies of an app. */
export function topologyMistakes(app: App): string[] {
  return Object.entries(app.topologies).flatMap(([name, topology]) => unitMistakes(`topology '${name}'`, topology, Object.keys(app.services)))
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
  ]
}
