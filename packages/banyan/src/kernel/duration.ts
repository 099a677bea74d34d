import { BanyanError } from './errors.ts'

/** A length of time as text: `'300ms'`, `'5s'`, `'15m'`, `'2h'`, `'30d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A duration in milliseconds. Throws `invalid_configuration` for anything that is not a non-negative duration. */
export function milliseconds(duration: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration)
  if (!match)
    throw new BanyanError('invalid_configuration', `'${duration}' is not a duration; write a number and a unit, such as '300ms', '5s', '15m', '2h' or '30d'`)
  return Number(match[1]) * units[match[2] as keyof typeof units]
}
