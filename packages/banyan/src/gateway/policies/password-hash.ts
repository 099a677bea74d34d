import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { BanyanError } from '../../kernel/errors.ts'

/** A password that cannot be read back: scrypt (RFC 7914), in the form of the Password Hashing Competition. */
export interface PasswordHash {
  /** The text that it was read from. */
  readonly text: string
  readonly cost: { readonly ln: number; readonly r: number; readonly p: number }
  readonly salt: Buffer
  readonly hash: Buffer
}

/** OWASP Password Storage: N = 2^17, r = 8, p = 1, which takes 128 MiB; here a quarter of it, since a gateway verifies while it serves. */
const COST = { ln: 15, r: 8, p: 3 } as const
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Of memory, for one verification. */
const MAX_BYTES = 256 << 20

/** The hash of a new password, as text. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derived(password, { cost: COST, salt, length: HASH_BYTES })
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(hash)}`
}

/** Throws `invalid_configuration` for what is no such hash, or one that would take too long or too little. The message does not have the text. */
export function readPasswordHash(text: string): PasswordHash {
  const found = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text)
  const [ln = 0, r = 0, p = 0] = (found?.slice(1, 4) ?? []).map(Number)
  const [salt, hash] = (found?.slice(4) ?? []).map((part) => Buffer.from(part, 'base64'))
  if (!salt || !hash || ln < 10 || ln > 20 || r < 1 || p < 1 || p > 16 || memory({ ln, r }) > MAX_BYTES || salt.length < 8 || hash.length < 16)
    throw new BanyanError(
      'invalid_configuration',
      'the hash of a password is no scrypt hash of a cost that can be paid here; make one with banyan gateway password',
    )
  return { text, cost: { ln, r, p }, salt, hash }
}

/** Whether it is the password's hash; takes as long either way. */
export async function isPassword(password: string, { cost, salt, hash }: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derived(password, { cost, salt, length: hash.length }), hash)
}

function derived(password: string, { cost, salt, length }: { cost: PasswordHash['cost']; salt: Buffer; length: number }): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 * memory(cost) }
  return new Promise((resolve, reject) => {
    // one form for a password, however it was typed (RFC 8265)
    scrypt(password.normalize('NFC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

function memory({ ln, r }: { readonly ln: number; readonly r: number }): number {
  return 128 * r * 2 ** ln
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
