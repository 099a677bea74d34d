import { answerPolicy } from './policies/answer.ts'
import { cachePolicy } from './http-cache/cache-kind.ts'
import { apiKeyPolicy } from './policies/api-key.ts'
import { authPolicy } from './policies/auth.ts'
import { basicPolicy } from './policies/basic.ts'
import { bodyLimit } from './policies/body-limit.ts'
import { compressPolicy } from './policies/compress.ts'
import { cors } from './policies/cors.ts'
import { envelopePolicy } from './policies/envelope.ts'
import { ipPolicy } from './policies/ip.ts'
import { limitPolicy } from './policies/limit.ts'
import { redirectPolicy } from './policies/redirect.ts'
import { requestPolicy } from './policies/request.ts'
import { responsePolicy } from './policies/response.ts'
import { securityHeaders } from './policies/security-headers.ts'
import { timeoutPolicy } from './policies/timeout.ts'
import { versionsPolicy } from './policies/versions.ts'
import type { PolicyKind } from './policy-kind.ts'

/** The framework's own kinds of policies, which every gateway file can name. */
export const policyKinds: readonly PolicyKind[] = [
  answerPolicy,
  apiKeyPolicy,
  authPolicy,
  basicPolicy,
  bodyLimit,
  cachePolicy,
  compressPolicy,
  cors,
  envelopePolicy,
  ipPolicy,
  limitPolicy,
  redirectPolicy,
  requestPolicy,
  responsePolicy,
  securityHeaders,
  timeoutPolicy,
  versionsPolicy,
]
