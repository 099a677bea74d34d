import type { Access } from '../../model/access.ts'
import { Asking } from '../../model/access-request.ts'
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
 * What a rule means to a caller from outside. The rule itself is asked whether it lets somebody pass who has not logged in; one that
 * has yet to see input or answer may still want a token.
 */
export function securityOf({ text, decide }: Access<never, never>): OpenApiSecurity {
  const decided = decide(new Asking({ identity: anonymousIdentity, caller: undefined }))
  if (decided) return { security: [], refusals: {} }
  return {
    security: decided === undefined ? [{}, token] : [token],
    refusals: { 401: `unauthenticated (for ${text})`, 403: `forbidden (for ${text})` },
  }
}
