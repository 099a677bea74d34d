import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JSONWebKeySet, type JWK } from 'jose'
import { milliseconds, type Duration } from '../kernel/duration.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import type { IdentityFields } from './identity.ts'

export interface DevelopmentIssuerOptions {
  /** Where its key is kept, so that tokens outlive a restart. */
  readonly directory: string
  readonly issuer: string
  readonly audience: string
}

/** Issues tokens for whoever asks: only for development. */
export interface DevelopmentIssuer {
  readonly issuer: string
  readonly audience: string
  /** Its public key. */
  readonly jwks: JSONWebKeySet
  /** A signed token, good for 12 h unless said. */
  issue(who: IdentityFields, lifetime?: Duration): Promise<string>
}

const FILE = 'development-issuer.jwk.json'
const ALGORITHM = 'ES256'

/** Opens, or makes, the issuer whose key is kept in a directory; processes that start at once end up with the same key. */
export async function developmentIssuer({ directory, issuer, audience }: DevelopmentIssuerOptions): Promise<DevelopmentIssuer> {
  const path = join(directory, FILE)
  const secret = (await readKey(path)) ?? (await makeKey(directory, path))
  const key = await importJWK(secret, ALGORITHM)
  const { d: _private, ...open } = secret
  const kid = await calculateJwkThumbprint(open)
  return {
    issuer,
    audience,
    jwks: { keys: [{ ...open, kid, alg: ALGORITHM, use: 'sig' }] } as JSONWebKeySet,
    issue: ({ subject, roles = [], tenant, scopes = [], attributes = {} }, lifetime = '12h') =>
      new SignJWT({ ...attributes, roles: [...roles], ...(tenant === undefined ? {} : { tenant }), ...(scopes.length > 0 && { scope: scopes.join(' ') }) })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(Math.floor((Date.now() + milliseconds(lifetime)) / 1000))
        .sign(key),
  }
}

async function readKey(path: string): Promise<JWK | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    await chmod(path, 0o600)
    return JSON.parse(text) as JWK
  } catch (error) {
    throw new BanyanError('invalid_configuration', `${path} holds no key (${messageOf(error)}); delete it, and a new one is made`, { cause: error })
  }
}

async function makeKey(directory: string, path: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const made = await exportJWK(privateKey)
  await mkdir(directory, { recursive: true })
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(made), { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path) // fails where another process was first, and never shows half a file
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return (await readKey(path)) ?? made
  } finally {
    await rm(draft)
  }
}
