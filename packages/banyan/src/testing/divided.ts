import type { App } from '../model/app.ts'
import { CONNECTIONS_OF_A_SERVICE } from '../runtime/placement.ts'

/** The topology in which each service is a unit of its own. */
export const APART = '~apart'

/** The app with that topology beside its own. */
export function divided<Contracts>(app: App<Contracts>): App<Contracts> {
  const connections = CONNECTIONS_OF_A_SERVICE * 2 // a server for tests has to bear many units
  const units = Object.fromEntries(Object.keys(app.services).map((service) => [service, { services: [service], connections }]))
  return { ...app, topologies: { ...app.topologies, [APART]: { kind: 'topology', units, database: undefined, unsafe: false } } }
}
