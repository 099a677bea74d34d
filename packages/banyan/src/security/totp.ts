import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { BanyanError } from '../kernel/errors.ts'

/** Seconds that one code lasts. */
const STEP_S = 30
const DIGITS = 6
/** Steps before and after the present one whose codes are taken too: for clocks that differ, and slow hands. */
const WINDOW = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** 160 bits, as RFC 4226 §4 recommends. */
const SECRET_BYTES = 20

export interface TotpCheck {
  /** What `secret()` made; kept encrypted, since it is needed as it is. */
  readonly secret: string
  /** Six digits; spaces are left out. */
  readonly code: string
  readonly now: Date
  /** The step of the code that was accepted last: that one and those before it are refused, so that a code is good once. */
  readonly after?: number | undefined
}

/** A new secret in base32 (RFC 4648), as authenticator apps take it. */
function secret(): string {
  let [bits, text] = ['', '']
  for (const byte of randomBytes(SECRET_BYTES)) bits += byte.toString(2).padStart(8, '0')
  for (let at = 0; at < bits.length; at += 5) text += ALPHABET[Number.parseInt(bits.slice(at, at + 5), 2)]
  return text
}

/** The address that an authenticator app reads from a QR code (Key Uri Format). */
function uri({ secret, issuer, account }: { readonly secret: string; readonly issuer: string; readonly account: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_S}`
}

/**
 * The step of a code that is good now, to be kept as `after` in the same transaction; `undefined` for one that is wrong, too old or used. Each code
 * of the window is compared, in constant time. Six digits can be guessed: count the attempts, and stop after a few.
 */
function verify({ secret, code, now, after = -1 }: TotpCheck): number | undefined {
  const key = bytesOf(secret)
  const given = Buffer.from(
    code
      .replaceAll(' ', '')
      .padEnd(DIGITS)
      .slice(0, DIGITS + 1),
  )
  const present = Math.floor(now.getTime() / 1_000 / STEP_S)
  let found: number | undefined
  for (let step = present - WINDOW; step <= present + WINDOW; step++) {
    const right = Buffer.from(codeOf(key, step, DIGITS))
    if (right.length === given.length && timingSafeEqual(right, given) && step > after) found ??= step
  }
  return found
}

/** The code of a step (RFC 4226 §5.3). */
export function codeOf(key: Buffer, step: number, digits: number, algorithm = 'sha1'): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.max(0, step)))
  const mac = createHmac(algorithm, key).update(counter).digest()
  const number = mac.readUInt32BE(mac.at(-1)! & 0xf) & 0x7f_ff_ff_ff
  return String(number % 10 ** digits).padStart(digits, '0')
}

function bytesOf(secret: string): Buffer {
  let bits = ''
  for (const character of secret.toUpperCase()) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) throw new BanyanError('invalid_configuration', `a TOTP secret is base32, and this one has a '${character}'; keep what totp.secret() made`)
    bits += value.toString(2).padStart(5, '0')
  }
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
}

/** Codes of an authenticator app as a second factor: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 s, which every such app has. */
export const totp: {
  readonly secret: typeof secret
  readonly uri: typeof uri
  readonly verify: typeof verify
} = { secret, uri, verify }
