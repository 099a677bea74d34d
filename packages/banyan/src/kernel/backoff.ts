/** How long to wait between attempts: `baseMs` doubles with every attempt up to `capMs`. */
export interface Backoff {
  readonly baseMs: number
  readonly capMs: number
}

/** Milliseconds before the attempt after `failures` failed ones: "full jitter" of M. Brooker, Exponential Backoff and Jitter (AWS, 2015). */
export function fullJitter({ baseMs, capMs }: Backoff, failures: number, random: () => number = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30))
}
