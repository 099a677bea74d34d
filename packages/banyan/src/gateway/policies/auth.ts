import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { JSONWebKeySet } from 'jose'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import type { Identity } from '../../model/access.ts'
import { bearerToken } from '../../security/bearer.ts'
import { jwtVerifier, type TokenVerifier } from '../../security/tokens.ts'
import type { EdgeRequest } from '../exchange.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { problemAnswer } from './problem-answer.ts'

interface AuthSettings {
  readonly issuer: string
  readonly audience: string
  readonly jwks: string
  readonly roles?: readonly string[]
  readonly scopes?: readonly string[]
  readonly optional?: boolean
}

const text = { type: 'string', minLength: 1 } as const
const names = { type: 'array', items: text, minItems: 1 } as const

/** Knows clients by access tokens of an issuer (RFC 7519, RFC 9068, RFC 6750). */
export const authPolicy: PolicyKind<AuthSettings> = {
  name: 'auth',
  schema: {
    description:
      'Lets in who has an access token of the issuer, and tells the upstream who that is. Others are answered 401; those without the roles or scopes asked for, 403.',
    type: 'object',
    properties: {
      issuer: { description: 'The `iss` of its tokens.', ...text },
      audience: { description: 'The `aud` that a token must be for.', ...text },
      jwks: { description: "The issuer's JSON Web Key Set: its http(s) address, or a file beside this one.", ...text },
      roles: { description: 'One of these roles is needed.', ...names },
      scopes: { description: 'All of these scopes are needed.', ...names },
      optional: { description: 'Whether a request without a token passes, as anonymous. One with a bad token never does.', type: 'boolean' },
    },
    required: ['issuer', 'audience', 'jwks'],
    additionalProperties: false,
  },
  describe: ({ issuer, audience, roles = [], scopes = [], optional = false }) => ({
    security: {
      name: 'bearer',
      scheme: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: `An access token of ${issuer} for ${audience}.` },
      scopes,
      who: [
        `who has a token of ${issuer}`,
        ...(roles.length > 0 ? [`role ${roles.join(' or ')}`] : []),
        ...(scopes.length > 0 ? [`scope ${scopes.join(', ')}`] : []),
      ].join(', '),
      optional,
    },
    answers: { 401: 'The token is missing, or not good', ...(roles.length + scopes.length > 0 && { 403: 'The token lacks a role or a scope' }) },
  }),
  open({ issuer, audience, jwks, roles = [], scopes = [], optional = false }, { directory }) {
    const verify: TokenVerifier = jwtVerifier({ issuer, audience, jwks: /^https?:/.test(jwks) ? jwks : keysIn(resolve(directory, jwks)) })
    return async (request, next) => {
      const { authorization } = request.headers
      if (authorization === undefined && optional) return next(request)
      let identity: Identity
      try {
        identity = await verify(tokenIn(authorization))
        if (roles.length > 0 && !roles.some((role) => identity.has(role))) throw lacking('role', roles.join(' or '), request)
        const missing = scopes.filter((scope) => !identity.scopes.includes(scope))
        if (missing.length > 0) throw lacking('scope', missing.join(', '), request)
      } catch (error) {
        if (BanyanError.is(error, 'unauthenticated') || BanyanError.is(error, 'forbidden')) request.outcome.refused = 'access'
        if (!BanyanError.is(error, 'unauthenticated')) throw error
        return problemAnswer(error, request, { 'www-authenticate': challenge(authorization, error) })
      }
      return next({ ...request, identity })
    }
  },
}

function tokenIn(authorization: string | undefined): string {
  if (authorization === undefined) throw new BanyanError('unauthenticated', 'this is for those who have logged in; send a token')
  return bearerToken(authorization)
}

/** RFC 6750 §3: without a token nothing is said of what was wrong with it. */
function challenge(authorization: string | undefined, error: Error): string {
  return authorization === undefined ? 'Bearer' : `Bearer error="invalid_token", error_description="${error.message.replaceAll(/[^\x20-\x7e]|["\\]/g, "'")}"`
}

function lacking(what: 'role' | 'scope', names: string, { route }: EdgeRequest): BanyanError {
  return new BanyanError('forbidden', `${route.name} is for the ${what} ${names}, which the token does not have`, { details: { why: `${what} ${names}` } })
}

function keysIn(path: string): JSONWebKeySet {
  try {
    const keys = JSON.parse(readFileSync(path, 'utf8')) as JSONWebKeySet
    if (!Array.isArray(keys.keys)) throw new Error('it has no list of keys')
    return keys
  } catch (error) {
    throw new BanyanError('invalid_configuration', `the key set ${path} cannot be read: ${messageOf(error)}; give a JSON Web Key Set, {"keys": […]}`, {
      cause: error,
    })
  }
}
