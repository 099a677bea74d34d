import { BanyanError } from '../kernel/errors.ts'

/** So many units in so many milliseconds. */
export interface Rate {
  readonly count: number
  readonly periodMs: number
}

const periods: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `'10/s'`, `'100/m'`, `'1000/h'`, `'5/d'`. Throws `invalid_configuration` for anything else. */
export function rateOf(text: string): Rate {
  const match = /^([1-9]\d{0,8})\/([smhd])$/.exec(text)
  if (!match) throw new BanyanError('invalid_configuration', `'${text}' is not a rate; write a count and a unit, such as '10/s', '100/m', '1000/h' or '5000/d'`)
  return { count: Number(match[1]), periodMs: periods[match[2]!]! }
}

/** A rate in whole numbers that stay below 2^53 when they are multiplied, so that JavaScript and Lua reckon alike. */
export interface Ticks {
  /** Microseconds of one tick: 1, or 1,000 for what is long and large. */
  readonly tickUs: number
  /** `gain` units in `every` ticks, reduced. */
  readonly gain: number
  readonly every: number
}

/** Leaves room for two such numbers to be added. */
const EXACT = 2 ** 51

export function ticksOf({ count, periodMs }: Rate, most: number): Ticks {
  const [fine, coarse] = [reduced(count, periodMs * 1_000), reduced(count, periodMs)]
  return most * fine.every <= EXACT ? { tickUs: 1, ...fine } : { tickUs: 1_000, ...coarse }
}

function reduced(gain: number, every: number): { readonly gain: number; readonly every: number } {
  const divisor = greatestCommonDivisor(gain, every)
  return { gain: gain / divisor, every: every / divisor }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
