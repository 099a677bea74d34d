import { createHash, randomBytes } from 'node:crypto'

/** How long a session lasts that nobody refreshes, in milliseconds. */
export const LIFETIME_MS: number = 30 * 86_400_000

/** A token that says nothing and cannot be guessed. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is kept of it. It holds 256 random bits, so one round of SHA-256 is enough. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
