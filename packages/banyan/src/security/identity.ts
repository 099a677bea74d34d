import { ANONYMOUS, type Identity } from '../model/access.ts'

/** The tenant of those who name none. */
export const DEFAULT_TENANT = 'default'

export interface IdentityFields {
  readonly subject: string
  readonly roles?: readonly string[]
  /** `default` unless said. */
  readonly tenant?: string
  readonly scopes?: readonly string[]
  /** What else its token says, by the names of the claims. */
  readonly attributes?: Readonly<Record<string, unknown>>
}

const none: readonly string[] = Object.freeze([])
const nothing: Readonly<Record<string, unknown>> = Object.freeze({})

class KnownIdentity implements Identity {
  readonly subject: string
  readonly roles: readonly string[]
  readonly tenant: string
  readonly scopes: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>

  constructor({ subject, roles, tenant, scopes, attributes }: Required<IdentityFields>) {
    this.subject = subject
    this.roles = roles
    this.tenant = tenant
    this.scopes = scopes
    this.attributes = attributes
  }

  has(role: string): boolean {
    return this.roles.includes(role)
  }
}

/** An identity; it cannot be changed, so it may be shared between requests. */
export function identity({ subject, roles = [], tenant = DEFAULT_TENANT, scopes = none, attributes = nothing }: IdentityFields): Identity {
  const fields = {
    subject,
    roles: Object.freeze([...roles]),
    tenant,
    scopes: scopes.length === 0 ? none : Object.freeze([...scopes]),
    attributes: attributes === nothing ? nothing : frozen(attributes),
  }
  return Object.freeze(new KnownIdentity(fields))
}

/** A copy that nobody can change, to its depths: claims may be lists and objects. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  const copy = Array.isArray(value) ? value.map(frozen) : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, frozen(inner)]))
  return Object.freeze(copy) as T
}

/** Who has not logged in. */
export const anonymousIdentity: Identity = identity({ subject: ANONYMOUS })

/** What an identity has beyond subject, roles and tenant; fields that are empty are left out, as they are for those who know none. */
export function moreOf({ scopes, attributes }: Pick<Identity, 'scopes' | 'attributes'>): Pick<IdentityFields, 'scopes' | 'attributes'> {
  return { ...(scopes.length > 0 && { scopes }), ...(Object.keys(attributes).length > 0 && { attributes }) }
}
