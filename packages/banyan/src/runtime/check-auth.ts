import { milliseconds } from '../kernel/duration.ts'
import { messageOf } from '../kernel/errors.ts'
import { claimsOf } from '../model/access.ts'
import type { App, RoleTree } from '../model/app.ts'
import type { ApiKeys, Jwt, Oidc } from '../model/auth.ts'
import { operationsOf } from '../model/contract.ts'
import type { ServiceFacts } from '../model/service.ts'
import { withInherited } from '../security/inherited-roles.ts'
import { sessionTimes } from './session-times.ts'

type Services = ReadonlyMap<string, ServiceFacts>

/** What is wrong with the roles that include others, and with the ways by which callers say who they are. */
export function authMistakes({ auth, roles = {} }: Pick<App, 'auth' | 'roles'>, services: Services): string[] {
  const twice = (['api-keys', 'oidc'] as const).filter((kind) => auth.filter((way) => way.kind === kind).length > 1)
  return [
    ...roleMistakes(roles),
    ...twice.map((kind) => `auth has ${kind === 'oidc' ? 'oidc(…)' : 'apiKeys(…)'} more than once; an app has one`),
    ...auth.flatMap((way) => {
      if (way.kind === 'jwt') return jwtMistakes(way, services)
      return way.kind === 'oidc' ? oidcMistakes(way) : keysMistakes(way)
    }),
    ...claimMistakes(auth, services),
  ]
}

/** A rule that looks at what is never read refuses everybody, or with `not` lets everybody pass. */
function claimMistakes(auth: App['auth'], services: Services): string[] {
  const read = new Set(auth.flatMap((way) => (way.kind === 'jwt' ? (way.claims ?? []) : [])))
  return [...services].flatMap(([service, { policies }]) =>
    Object.entries(policies).flatMap(([operation, { access }]) =>
      (access ? claimsOf(access as never) : [])
        .filter((claim) => !read.has(claim))
        .map(
          (claim) =>
            `operation '${service}.${operation}' is for ${access!.text}, and no way in auth reads the claim '${claim}'; write claims: ['${claim}'] there`,
        ),
    ),
  )
}

function roleMistakes(roles: RoleTree): string[] {
  return Object.keys(roles).flatMap((role) =>
    withInherited(roles[role]!, roles).includes(role)
      ? [`the role '${role}' includes itself through [${roles[role]!.join(', ')}]; roles include each other one way only`]
      : [],
  )
}

/** What is wrong with the query that is asked for keys. */
function jwtMistakes({ jwks: query }: Jwt, services: Services): string[] {
  if (typeof query !== 'object' || query.kind !== 'query') return []
  const name = `${query.service}.${query.name}`
  const there = services.get(query.service)
  if (!there) return [`auth.jwks asks '${name}', but the app has no service '${query.service}'`]
  const asked = operationsOf(there.contract).find((operation) => operation.name === query.name)
  if (asked !== query)
    return [`auth.jwks asks '${name}', which is not an operation of the contract that service '${query.service}' implements; import the same contract in both`]
  return query.facts.input ? [`auth.jwks asks '${name}', which takes an input; keys are asked for without one`] : []
}

function keysMistakes({ prefix }: ApiKeys): string[] {
  if (/^[a-z][a-z\d]{1,15}$/.test(prefix)) return []
  return [`apiKeys has the prefix '${prefix}'; it is 2 to 16 lower-case letters and digits, the first a letter`]
}

function oidcMistakes({ scopes = ['openid'], sessions = {} }: Oidc): string[] {
  const { idle, lasting } = sessions
  const timeMistakes = Object.entries({ idle, lasting }).flatMap(([name, value]) => {
    try {
      return value === undefined || milliseconds(value) > 0 ? [] : [`oidc has sessions.${name} '${value}'; it is longer than nothing`]
    } catch (error) {
      return [`oidc has sessions.${name}: ${messageOf(error)}`]
    }
  })
  return [
    ...(scopes.includes('openid') ? [] : [`oidc asks for the scopes ${scopes.join(', ')}; without openid there is no ID token`]),
    ...timeMistakes,
    ...(timeMistakes.length === 0 ? idleMistakes(sessions) : []),
  ]
}

/** A session that is over by its age before it can be by not being used. */
function idleMistakes({ idle, lasting }: NonNullable<Oidc['sessions']>): string[] {
  if (idle === undefined || milliseconds(idle) <= milliseconds(lasting ?? sessionTimes.lasting)) return []
  const end = lasting === undefined ? `, which is ${sessionTimes.lasting} unless said and` : ` '${lasting}', which`
  return [`oidc has sessions.idle '${idle}', longer than sessions.lasting${end} ends them before; make it shorter, or say another \`lasting\``]
}
