import type { App, RoleTree } from '../model/app.ts'
import { operationsOf } from '../model/contract.ts'
import type { ServiceFacts } from '../model/service.ts'
import { withInherited } from '../security/inherited-roles.ts'

/** What is wrong with the roles that include others, and with the query that `auth` asks for keys. */
export function authMistakes({ auth, roles = {} }: App, services: ReadonlyMap<string, ServiceFacts>): string[] {
  return [...roleMistakes(roles), ...keyMistakes(auth, services)]
}

function roleMistakes(roles: RoleTree): string[] {
  return Object.keys(roles).flatMap((role) =>
    withInherited(roles[role]!, roles).includes(role)
      ? [`the role '${role}' includes itself through [${roles[role]!.join(', ')}]; roles include each other one way only`]
      : [],
  )
}

function keyMistakes(auth: App['auth'], services: ReadonlyMap<string, ServiceFacts>): string[] {
  const query = auth?.jwks
  if (typeof query !== 'object' || query.kind !== 'query') return []
  const name = `${query.service}.${query.name}`
  const there = services.get(query.service)
  if (!there) return [`auth.jwks asks '${name}', but the app has no service '${query.service}'`]
  const asked = operationsOf(there.contract).find((operation) => operation.name === query.name)
  if (asked !== query)
    return [`auth.jwks asks '${name}', which is not an operation of the contract that service '${query.service}' implements; import the same contract in both`]
  return query.facts.input ? [`auth.jwks asks '${name}', which takes an input; keys are asked for without one`] : []
}
