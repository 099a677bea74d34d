import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** An API key as it is shown, once, to whoever made it. */
export interface ApiKeyText {
  /** Names it in lists and messages; no secret. */
  readonly id: string
  readonly text: string
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BASE = BigInt(DIGITS.length)
const ID_LENGTH = 12
/** 62 to the power of 43 is just above 2 to the power of 256. */
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6

/**
 * A key of 256 random bits: `prefix_id_secret`, whose last six characters are a CRC-32 of what stands before. So that scanners of source code
 * find leaked keys without asking, and mistyped ones are refused without a look into the database.
 */
export function newApiKey(prefix: string, id: string = newId()): ApiKeyText {
  const text = `${prefix}_${id}_${inBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH)}`
  return { id, text: text + checkOf(text) }
}

/** The id of a key that is written as keys are; `undefined` for anything else. */
export function apiKeyId(text: string, prefix: string): string | undefined {
  if (text.length !== prefix.length + 1 + ID_LENGTH + 1 + SECRET_LENGTH + CHECK_LENGTH || !text.startsWith(`${prefix}_`)) return undefined
  const [id = '', secret = '', ...rest] = text.slice(prefix.length + 1).split('_')
  const whole = rest.length === 0 && /^[\dA-Za-z]{12}$/.test(id) && /^[\dA-Za-z]{49}$/.test(secret)
  return whole && checkOf(text.slice(0, -CHECK_LENGTH)) === text.slice(-CHECK_LENGTH) ? id : undefined
}

/**
 * What is kept of a key or a session id. These hold 256 random bits, which nobody guesses however fast the hash is: one round of SHA-256 is
 * enough, where a password needs Argon2 because people choose it. And it is computed for each request.
 */
export function hashOfSecret(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function newId(): string {
  return inBase62(BigInt(`0x${randomBytes(16).toString('hex')}`), ID_LENGTH)
}

function checkOf(text: string): string {
  return inBase62(BigInt(crc32(text)), CHECK_LENGTH)
}

/** The last digits of a number. */
function inBase62(number: bigint, length: number): string {
  let [rest, text] = [number, '']
  while (text.length < length) {
    text = DIGITS[Number(rest % BASE)]! + text
    rest /= BASE
  }
  return text
}
