import { createHmac, randomBytes } from 'node:crypto'
import { BanyanError } from '../../kernel/errors.ts'
import { isPassword, type PasswordHash } from './password-hash.ts'

/** Verifications at once, and passwords that were right and are remembered. */
const AT_ONCE = 16
const REMEMBERED = 1_000

/**
 * Verifies passwords that come with every request. A right one is remembered, not as it is but under a key of this process, so that it is
 * slow once only; wrong ones are slow each time, and so few at once that they take neither memory nor the processor from others.
 */
export class PasswordVerifier {
  readonly #key = randomBytes(32)
  readonly #right = new Set<string>()
  #running = 0

  /** Throws `overloaded` where too many are verified already. */
  async verify(password: string, hash: PasswordHash): Promise<boolean> {
    const name = createHmac('sha256', this.#key).update(hash.text).update('\0').update(password).digest('base64')
    if (this.#right.has(name)) return true
    if (this.#running >= AT_ONCE) throw new BanyanError('overloaded', `${AT_ONCE} passwords are being verified already; try again in a moment`)
    this.#running++
    try {
      const right = await isPassword(password, hash)
      if (right) this.#remember(name)
      return right
    } finally {
      this.#running--
    }
  }

  #remember(name: string): void {
    if (this.#right.size >= REMEMBERED) this.#right.delete(this.#right.values().next().value!)
    this.#right.add(name)
  }
}
