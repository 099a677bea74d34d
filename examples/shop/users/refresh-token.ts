import { createHash, randomBytes } from 'node:crypto'

const DAY_MS = 86_400_000
/** How long a session lasts that nobody refreshes, in milliseconds. */
export const LIFETIME_MS: number = 30 * DAY_MS
/** How long it lasts however often it is refreshed. */
export const LONGEST_MS: number = 90 * DAY_MS

/**
 * For how many milliseconds a used token is good once more, since a client may refresh in two places at once: `SHOP_REFRESH_GRACE` in seconds,
 * ten unless said. A thief has as long, no longer, and only if as fast.
 */
export function graceMs(): number {
  return 1_000 * Number(process.env['SHOP_REFRESH_GRACE'] ?? 10)
}

/** A token that says nothing and cannot be guessed. */
export function newRefreshToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is kept of it. It holds 256 random bits, so one round of SHA-256 is enough. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
