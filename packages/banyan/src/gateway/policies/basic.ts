import { BanyanError } from '../../kernel/errors.ts'
import type { Identity } from '../../model/access.ts'
import { identity } from '../../security/identity.ts'
import type { EdgeRequest } from '../exchange.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { readPasswordHash, type PasswordHash } from './password-hash.ts'
import { PasswordVerifier } from './password-verifier.ts'
import { problemAnswer } from './problem-answer.ts'

interface UserEntry {
  readonly name: string
  readonly password: string
  readonly roles?: readonly string[]
  readonly tenant?: string
}

interface BasicSettings {
  readonly users: readonly UserEntry[]
  readonly realm?: string
}

const REALM = 'gateway'
const names = { type: 'array', items: { type: 'string', minLength: 1 } } as const

/** Knows a few people by name and password (RFC 7617), such as those who run something that has no log-in of its own. */
export const basicPolicy: PolicyKind<BasicSettings> = {
  name: 'basic',
  schema: {
    description:
      'Lets in who has a name and a password (RFC 7617), and tells the upstream who that is. Others are answered 401. Only over HTTPS: the password goes with every request.',
    type: 'object',
    properties: {
      users: {
        description: 'Who is let in.',
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            name: { description: 'Without a colon.', type: 'string', pattern: '^[^:]+$', patternErrorMessage: 'a name without a colon' },
            password: {
              description: 'The scrypt hash of the password, best as a variable: `${ADMIN_PASSWORD}`; `banyan gateway password` makes one.',
              type: 'string',
              writeOnly: true,
              pattern: '^\\$scrypt\\$ln=\\d{1,2},r=\\d{1,2},p=\\d{1,2}\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+$',
              patternErrorMessage: "'$scrypt$ln=…,r=…,p=…$salt$hash', as banyan gateway password prints it",
            },
            roles: { description: 'Their roles.', ...names },
            tenant: { description: 'Their tenant; default unless said.', type: 'string', minLength: 1 },
          },
          required: ['name', 'password'],
          additionalProperties: false,
        },
      },
      realm: {
        description: 'What browsers show when they ask; gateway unless said.',
        type: 'string',
        pattern: '^[^"\\\\\\x00-\\x1f]+$',
        patternErrorMessage: 'a text without quotes',
      },
    },
    required: ['users'],
    additionalProperties: false,
  },
  describe: ({ realm = REALM }) => ({
    security: {
      name: 'basic',
      scheme: { type: 'http', scheme: 'basic', description: `Name and password for ${realm}.` },
      scopes: [],
      who: `who has a password for ${realm}`,
    },
    answers: { 401: 'Name and password are missing, or wrong' },
  }),
  open({ users, realm = REALM }) {
    const known = knownUsers(users)
    const verifier = new PasswordVerifier()
    const refuse = (request: EdgeRequest, why: string) => {
      request.outcome.refused = 'access'
      return problemAnswer(new BanyanError('unauthenticated', why), request, { 'www-authenticate': `Basic realm="${realm}", charset="UTF-8"` })
    }

    return async (request, next) => {
      const given = credentials(request.headers.authorization)
      if (!given) return refuse(request, 'the request has no name and password; send Authorization: Basic …')
      const user = known.get(given.name)
      // unknown names take as long as wrong passwords, so that nobody finds out which names there are
      const right = await verifier.verify(given.password, user?.hash ?? known.values().next().value!.hash)
      if (!right || user === undefined) return refuse(request, 'the name or the password is wrong')
      const { authorization: _password, ...headers } = request.headers
      return next({ ...request, identity: user.identity, headers })
    }
  },
}

function knownUsers(users: readonly UserEntry[]): ReadonlyMap<string, { readonly identity: Identity; readonly hash: PasswordHash }> {
  const known = new Map<string, { identity: Identity; hash: PasswordHash }>()
  for (const { name, password, roles, tenant } of users) {
    if (known.has(name)) throw new BanyanError('invalid_configuration', `the user ${name} is there twice; keep one`)
    const subject = identity({ subject: name, ...(roles === undefined ? {} : { roles }), ...(tenant === undefined ? {} : { tenant }) })
    known.set(name, { identity: subject, hash: readPasswordHash(password) })
  }
  return known
}

function credentials(header: string | undefined): { readonly name: string; readonly password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}
