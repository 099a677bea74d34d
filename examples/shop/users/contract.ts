import { command, contract, event, query } from 'banyan'
import { z } from 'zod'
import { Email } from '../values/email.ts'

/** One line of text: what is written into headers and on parcels has no line breaks. */
const Line = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^(?!\s)[^\p{Cc}\p{Zl}\p{Zp}]+(?<!\s)$/u, 'expected one line of text without spaces around it')

const nothing = z.object({})
const UserId = z.string().min(1).max(100)
const Name = Line(80)
/** Long rather than strange (NIST SP 800-63B): any characters, and no rules on which. */
const Password = z.string().min(12).max(200)
const RefreshToken = z.string().min(1).max(200)
export const Role = z.enum(['customer', 'staff'])
export type Role = z.infer<typeof Role>

export const Address = z.object({
  label: Line(30),
  recipient: Name,
  street: Line(120),
  postalCode: Line(20),
  city: Line(80),
  country: Line(60),
})
export type Address = z.infer<typeof Address>

const User = z.object({ userId: UserId, email: z.string(), name: Name, roles: z.array(Role), addresses: z.array(Address) })
/** An access token for `expiresIn` seconds, and a refresh token that is good once. */
const Tokens = z.object({ accessToken: z.string(), expiresIn: z.number().int(), refreshToken: z.string() })
export type Tokens = z.infer<typeof Tokens>
/** What a password alone gets where a second factor is on: to be answered with a code of it, within `expiresIn` seconds. */
const Challenge = z.object({ challenge: z.string(), expiresIn: z.number().int() })
export type Challenge = z.infer<typeof Challenge>
/** Six digits of an authenticator app, or a recovery code; spaces and hyphens are left out. */
const Code = z.string().min(6).max(40)
const WrongCode = nothing
const TooManyTries = z.object({ seconds: z.number().int() })
const SigningKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
})
export type SigningKey = z.infer<typeof SigningKey>
const About = z.object({ userId: z.string(), email: z.string(), name: z.string() })

/** Who the shop's people are, and how they prove it. */
export const users = contract('users', {
  register: command({
    http: 'POST /users',
    input: z.object({ email: Email, name: Name, password: Password }),
    output: z.object({ userId: UserId }),
    errors: { EmailTaken: z.object({ email: z.string() }) },
    statuses: { EmailTaken: 409 },
    secret: true,
  }),

  /** Logs in, or where a second factor is on answers a challenge for it. Whether the address or the password was wrong is not said. */
  logIn: command({
    http: 'POST /sessions',
    input: z.object({ email: Email, password: z.string().max(200) }),
    output: z.union([Tokens, Challenge]),
    errors: { WrongCredentials: nothing },
    statuses: { WrongCredentials: 401 },
    secret: true,
  }),

  /** The second half of logging in. A challenge is answered once; after a few wrong codes it is over, and after some more of them there is a pause. */
  answerChallenge: command({
    http: 'POST /sessions/second-factor',
    input: z.object({ challenge: z.string().min(1).max(200), code: Code }),
    output: Tokens,
    errors: { ChallengeRefused: nothing, WrongCode, TooManyTries },
    statuses: { ChallengeRefused: 401, WrongCode: 401, TooManyTries: 429 },
    secret: true,
  }),

  /** New tokens for a refresh token, which is used up. One that comes a second time was stolen from somebody: the whole session ends. */
  refresh: command({
    http: 'POST /sessions/refresh',
    input: z.object({ refreshToken: RefreshToken }),
    output: Tokens,
    errors: { RefreshRefused: nothing },
    statuses: { RefreshRefused: 401 },
    secret: true,
  }),

  /** Logs out: no refresh token of the session is good any longer. An access token stays good for the minutes it has left. */
  logOut: command({ http: 'POST /sessions/end', input: z.object({ refreshToken: RefreshToken }), secret: true }),

  /** A secret for an authenticator app, told once: as text, and as the address of a QR code. A token alone, which may be stolen, is not enough. */
  enrolSecondFactor: command({
    http: 'POST /me/second-factor',
    input: z.object({ password: z.string().max(200) }),
    output: z.object({ secret: z.string(), uri: z.string() }),
    errors: { NotFound: nothing, AlreadyOn: nothing, WrongPassword: nothing },
    statuses: { AlreadyOn: 409 },
    secret: true,
  }),

  /** A first code turns the second factor on, and answers ten recovery codes, each good once. */
  confirmSecondFactor: command({
    http: 'POST /me/second-factor/confirmation',
    input: z.object({ code: Code }),
    output: z.object({ recoveryCodes: z.array(z.string()) }),
    errors: { NotEnrolled: nothing, WrongCode, TooManyTries },
    statuses: { NotEnrolled: 409, TooManyTries: 429 },
    secret: true,
  }),

  /** Turns it off, for whoever has it. */
  disableSecondFactor: command({
    http: 'POST /me/second-factor/end',
    input: z.object({ code: Code }),
    errors: { NotOn: nothing, WrongCode, TooManyTries },
    statuses: { NotOn: 409, TooManyTries: 429 },
    secret: true,
  }),

  mySecondFactor: query({ http: 'GET /me/second-factor', output: z.object({ on: z.boolean(), recoveryCodes: z.number().int() }) }),

  me: query({ http: 'GET /me', output: User, errors: { NotFound: nothing } }),

  changeMe: command({
    http: 'PUT /me',
    input: z.object({ email: Email, name: Name }),
    errors: { NotFound: nothing, EmailTaken: z.object({ email: z.string() }) },
    statuses: { EmailTaken: 409 },
  }),

  putAddress: command({
    http: 'PUT /me/addresses/:label',
    input: Address,
    errors: { NotFound: nothing, TooMany: z.object({ most: z.number().int() }) },
    statuses: { TooMany: 409 },
  }),

  removeAddress: command({ http: 'DELETE /me/addresses/:label', input: Address.pick({ label: true }) }),

  byId: query({
    http: 'GET /users/:userId',
    input: z.object({ userId: UserId }),
    output: User,
    errors: { NotFound: z.object({ userId: z.string() }) },
  }),

  /** For other services. */
  byEmail: query({ input: z.object({ email: Email }), output: User, errors: { NotFound: z.object({ email: z.string() }) } }),

  /** Roles are in access tokens, so a change is felt when the next one is had. */
  grantRoles: command({
    http: 'PUT /users/:userId/roles',
    input: z.object({ userId: UserId, roles: z.array(Role).max(5) }),
    errors: { NotFound: z.object({ userId: z.string() }) },
  }),

  /** The keys that access tokens are signed with (RFC 7517). */
  keys: query({ http: 'GET /.well-known/jwks.json', output: z.object({ keys: z.array(SigningKey) }) }),

  /** Makes the key that signs from a minute later on; tokens signed before stay good. */
  rotateKeys: command({ http: 'POST /signing-keys', output: z.object({ kid: z.string() }) }),

  Registered: event(About),
  /** Has another address or name. */
  Changed: event(About),
  SecondFactorEnabled: event(z.object({ userId: z.string() })),
  SecondFactorDisabled: event(z.object({ userId: z.string() })),
})
