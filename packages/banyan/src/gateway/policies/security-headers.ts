import type { PolicyKind } from '../policy-kind.ts'

export interface SecurityHeadersSettings {
  /** Seconds; 0 for none. */
  readonly hsts?: number
  readonly contentSecurityPolicy?: string
  readonly frame?: 'deny' | 'sameorigin'
}

const YEAR_S = 31_536_000

/** Adds the fields that browsers protect their users by, where the upstream has not said them itself (OWASP Secure Headers Project). */
export const securityHeaders: PolicyKind<SecurityHeadersSettings> = {
  name: 'security-headers',
  schema: {
    description: 'Adds the header fields by which browsers protect their users, where the upstream has not said them itself.',
    type: 'object',
    properties: {
      hsts: { type: 'integer', minimum: 0, description: 'Seconds for which browsers use https only; a year unless said, 0 for not at all.' },
      contentSecurityPolicy: { type: 'string', description: 'The Content-Security-Policy of answers that have none.' },
      frame: { enum: ['deny', 'sameorigin'], description: 'Whether pages may stand in frames of other sites; deny unless said.' },
    },
    additionalProperties: false,
  },
  open: ({ hsts = YEAR_S, contentSecurityPolicy, frame = 'deny' }) => {
    const added = {
      'x-content-type-options': 'nosniff',
      'x-frame-options': frame.toUpperCase(),
      'referrer-policy': 'strict-origin-when-cross-origin',
      ...(hsts > 0 && { 'strict-transport-security': `max-age=${hsts}; includeSubDomains` }),
      ...(contentSecurityPolicy !== undefined && { 'content-security-policy': contentSecurityPolicy }),
    }
    return async (request, next) => {
      const answer = await next(request)
      return { ...answer, headers: { ...added, ...answer.headers } }
    }
  },
}
