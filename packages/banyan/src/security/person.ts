import { BanyanError } from '../kernel/errors.ts'
import { ANONYMOUS, OPERATOR } from '../model/access.ts'
import type { Person } from '../model/auth.ts'
import { DEFAULT_TENANT } from './identity.ts'

type Claims = Readonly<Record<string, unknown>>

/** Who somebody is by the claims of an ID token: `sub`, with `roles` and `tenant` where they are there. */
export function personOf({ sub, roles, tenant }: Claims): Person {
  return {
    subject: String(sub),
    ...(Array.isArray(roles) ? { roles: roles.filter((role) => typeof role === 'string') } : {}),
    ...(typeof tenant === 'string' && tenant !== '' ? { tenant } : {}),
  }
}

/** The person in full. Throws `unauthenticated` for one who is nobody, or whom the app keeps for itself. */
export function wholePerson({ subject, roles = [], tenant = DEFAULT_TENANT }: Person): Required<Person> {
  if (typeof subject === 'string' && subject !== '' && subject !== ANONYMOUS && subject !== OPERATOR) return { subject, roles, tenant }
  throw new BanyanError('unauthenticated', `the log-in is for ${JSON.stringify(subject)}, which names nobody`, { details: { reason: 'wrong_claim' } })
}
