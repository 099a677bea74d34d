import { ANONYMOUS, type Identity } from '../model/access.ts'

/** The tenant of those who name none. */
export const DEFAULT_TENANT = 'default'

export interface IdentityFields {
  readonly subject: string
  readonly roles?: readonly string[]
  /** `default` unless said. */
  readonly tenant?: string
}

class KnownIdentity implements Identity {
  readonly subject: string
  readonly roles: readonly string[]
  readonly tenant: string

  constructor(subject: string, roles: readonly string[], tenant: string) {
    this.subject = subject
    this.roles = roles
    this.tenant = tenant
  }

  has(role: string): boolean {
    return this.roles.includes(role)
  }
}

/** An identity; it cannot be changed, so it may be shared between requests. */
export function identity({ subject, roles = [], tenant = DEFAULT_TENANT }: IdentityFields): Identity {
  return Object.freeze(new KnownIdentity(subject, Object.freeze([...roles]), tenant))
}

/** Who has not logged in. */
export const anonymousIdentity: Identity = identity({ subject: ANONYMOUS })
