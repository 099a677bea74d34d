/** Beyond so many times the cost of a load before its end, no dice are thrown: they would say no but once in a million. */
const FAR = 14

/**
 * Whether to load a fresh entry again before its end: the likelier, the nearer the end and the longer a load takes, so that one of many
 * askers does it early and nobody waits (XFetch with β = 1; Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede
 * Prevention", 2015). `random` is from 0 up to 1.
 */
export function isRefreshedEarly({ bornAt, ttlMs, costMs }: { bornAt: number; ttlMs: number; costMs: number }, now: number, random: () => number): boolean {
  const left = bornAt + ttlMs - now
  if (left > costMs * FAR) return false
  return -costMs * Math.log(1 - random()) >= left
}
