import { createHash, randomInt } from 'node:crypto'

/** Codes for who has lost their second factor, and what is kept of them. */
export interface RecoveryCodes {
  /** Shown once, to be printed. */
  readonly codes: readonly string[]
  /** In the order of the codes. Each is removed when its code is used, in the transaction of the log-in. */
  readonly hashes: readonly string[]
}

const COUNT = 10
/** Without what looks like another. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz'
const LENGTH = 16

/** Ten codes, each good once: 79 random bits, so that one round of SHA-256 is enough to keep them. */
function issue(): RecoveryCodes {
  const codes = Array.from({ length: COUNT }, () => Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''))
  return { codes: codes.map((code) => code.replaceAll(/(.{4})(?=.)/g, '$1-')), hashes: codes.map(hashOf) }
}

/** The hash of a code as somebody typed it, to be looked for among those kept: whoever finds and removes it has used the code. */
function hash(typed: string): string {
  return hashOf(typed.replaceAll(/[\s-]/g, '').toLowerCase())
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('base64url')
}

/** Codes that stand in for a second factor which was lost. */
export const recoveryCodes: { readonly issue: typeof issue; readonly hash: typeof hash } = { issue, hash }
