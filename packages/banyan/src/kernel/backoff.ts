import { BanyanError } from './errors.ts'

/** How long to wait between attempts: `baseMs` doubles with every attempt up to `capMs`. */
export interface Backoff {
  readonly baseMs: number
  readonly capMs: number
}

/** Milliseconds before the attempt after `failures` failed ones: "full jitter" of M. Brooker, Exponential Backoff and Jitter (AWS, 2015). */
export function fullJitter({ baseMs, capMs }: Backoff, failures: number, random: () => number = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30))
}

/** The longest that is waited because an error asks for it: limits change, and asking too early costs nothing. */
const MOST_ASKED_MS = 300_000

/** Milliseconds that an error asks for before another attempt, as `Retry-After` does; 0 where it says nothing. */
export function askedWait(error: unknown): number {
  const asked = BanyanError.is(error) ? error.details['retryAfterMs'] : undefined
  return typeof asked === 'number' && asked > 0 ? Math.min(asked, MOST_ASKED_MS) : 0
}
