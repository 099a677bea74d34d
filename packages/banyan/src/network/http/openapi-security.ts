import type { Access } from '../../model/access.ts'
import { anonymousIdentity } from '../../security/identity.ts'

/** How OpenAPI says who may call an operation. */
export interface OpenApiSecurity {
  /** Any one of these is enough; an empty one is no token at all. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  /** By status, how the rule turns callers away; none where everybody may pass. */
  readonly refusals: Readonly<Record<string, string>>
}

const token = { bearer: [] }

/**
 * What a rule means to a caller from outside. The rule itself is asked whether it lets somebody pass who has not logged in; a rule that
 * does, but looks at the answer as well, may still want a token.
 */
export function securityOf({ text, before, after }: Access<never>): OpenApiSecurity {
  const open = before({ identity: anonymousIdentity, caller: undefined })
  if (open && !after) return { security: [], refusals: {} }
  return {
    security: open ? [{}, token] : [token],
    refusals: { 401: `unauthenticated (for ${text})`, 403: `forbidden (for ${text})` },
  }
}
