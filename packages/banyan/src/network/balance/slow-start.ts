export interface SlowStart {
  /** How long a new instance is spared; 30 s unless said, 0 for not at all. */
  readonly windowMs?: number
  /** 1 grows the share evenly; above 1 faster at first. 1 unless said. */
  readonly aggression?: number
}

const LEAST = 0.1

/** The part of its weight that an instance first seen `ageMs` ago gets: a tenth at first, all of it after the window. (Envoy, `SlowStartConfig`) */
export function slowStartFactor(ageMs: number, { windowMs = 30_000, aggression = 1 }: SlowStart = {}): number {
  if (ageMs >= windowMs) return 1
  return Math.max(LEAST, (ageMs / windowMs) ** (1 / aggression))
}
