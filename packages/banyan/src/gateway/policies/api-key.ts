import { createHash } from 'node:crypto'
import { BanyanError } from '../../kernel/errors.ts'
import { identity } from '../../security/identity.ts'
import { FIELD_NAME } from '../file/schema-texts.ts'
import type { Identity } from '../../model/access.ts'
import type { EdgeRequest } from '../exchange.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { problemAnswer } from './problem-answer.ts'

interface KeyEntry {
  readonly name: string
  readonly hash: string | readonly string[]
  readonly roles?: readonly string[]
  readonly scopes?: readonly string[]
  readonly tenant?: string
  readonly expires?: string
}

interface ApiKeySettings {
  readonly keys: readonly KeyEntry[]
  readonly header?: string
  readonly scopes?: readonly string[]
  readonly forward?: boolean
}

interface KnownKey {
  readonly identity: Identity
  readonly scopes: ReadonlySet<string>
  /** Milliseconds since 1970. */
  readonly expires: number
}

const HEADER = 'x-api-key'
const names = { type: 'array', items: { type: 'string', minLength: 1 } } as const
const hash = {
  type: 'string',
  writeOnly: true,
  pattern: '^sha256:[0-9a-f]{64}$',
  patternErrorMessage: '\'sha256:\' and 64 hexadecimal digits, as printf %s "$KEY" | sha256sum prints them',
} as const

/** Knows clients by keys. The file has hashes only: keys are random and long, so a fast hash cannot be guessed back (unlike passwords). */
export const apiKeyPolicy: PolicyKind<ApiKeySettings> = {
  name: 'api-key',
  schema: {
    description: 'Lets in who has a key, and tells the upstream who that is. Others are answered 401; those without the scopes asked for, 403.',
    type: 'object',
    properties: {
      keys: {
        description: 'Who has a key.',
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            name: { description: 'Who it is: the subject of requests.', type: 'string', minLength: 1 },
            hash: {
              description:
                "`sha256:` and the SHA-256 of the key, best as a variable: `${PARTNER_KEY}`. Two, while one takes the other's place. A key is at least 32 random bytes.",
              type: ['string', 'array'],
              if: { type: 'string' },
              then: hash,
              else: { items: hash, minItems: 1, maxItems: 8 },
            },
            roles: { description: 'Its roles.', ...names },
            scopes: { description: 'What it may be used for: `orders:read`.', ...names },
            tenant: { description: 'Its tenant; default unless said.', type: 'string', minLength: 1 },
            expires: {
              description: 'The day on which it is refused from then on.',
              type: 'string',
              pattern: '^\\d{4}-\\d{2}-\\d{2}$',
              patternErrorMessage: "a day such as '2027-01-01'",
            },
          },
          required: ['name', 'hash'],
          additionalProperties: false,
        },
      },
      header: { description: 'The header of the key; x-api-key unless said.', ...FIELD_NAME },
      scopes: { description: 'The scopes that a key must have here, all of them.', ...names },
      forward: { description: 'Whether the upstream gets the key as well; it does not unless said.', type: 'boolean' },
    },
    required: ['keys'],
    additionalProperties: false,
  },
  describe: ({ header = HEADER, scopes = [] }) => ({
    security: { name: header.toLowerCase(), scheme: { type: 'apiKey', in: 'header', name: header }, scopes, who: 'who has a key' },
    answers: { 401: 'The key is missing, or not known', ...(scopes.length > 0 && { 403: 'The key lacks a scope' }) },
  }),
  open({ keys, header = HEADER, scopes = [], forward = false }) {
    const field = header.toLowerCase()
    const known = knownKeys(keys)
    return async (request, next) => {
      const given = request.headers[field]
      const key = typeof given === 'string' ? known.get(digest(given)) : undefined
      if (key === undefined || key.expires <= Date.now()) return unauthenticated(request, field, refusalOf(given, key))
      const missing = scopes.filter((scope) => !key.scopes.has(scope))
      if (missing.length > 0) {
        request.outcome.refused = 'access'
        throw new BanyanError('forbidden', `the key of ${key.identity.subject} lacks the scope ${missing.join(', ')}; ask for a key that has it`)
      }
      const { [field]: _key, ...others } = request.headers
      return next({ ...request, identity: key.identity, headers: forward ? request.headers : others })
    }
  },
}

function knownKeys(keys: readonly KeyEntry[]): ReadonlyMap<string, KnownKey> {
  const known = new Map<string, KnownKey>()
  for (const { name, hash, roles, scopes, tenant, expires } of keys) {
    const subject = identity({ subject: name, ...(roles === undefined ? {} : { roles }), ...(tenant === undefined ? {} : { tenant }) })
    const key = { identity: subject, scopes: new Set(scopes), expires: expires === undefined ? Infinity : Date.parse(expires) }
    if (Number.isNaN(key.expires)) throw new BanyanError('invalid_configuration', `the key of ${name} expires on '${expires}', which is no day there is`)
    for (const one of [hash].flat()) {
      const other = known.get(one.slice('sha256:'.length))
      if (other) throw new BanyanError('invalid_configuration', `${name} and ${other.identity.subject} have the same key; give each one of its own`)
      known.set(one.slice('sha256:'.length), key)
    }
  }
  return known
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function refusalOf(given: unknown, key: KnownKey | undefined): string {
  if (given === undefined) return 'the request has no key'
  return key === undefined ? 'the key is not known' : `the key of ${key.identity.subject} has expired`
}

function unauthenticated(request: EdgeRequest, field: string, why: string): ReturnType<typeof problemAnswer> {
  request.outcome.refused = 'access'
  const error = new BanyanError('unauthenticated', `${why}; send one that is valid in the header ${field}`)
  return problemAnswer(error, request, { 'www-authenticate': `ApiKey header="${field}"` })
}
