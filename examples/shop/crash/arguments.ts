import { parseArgs } from 'node:util'

export type Topology = 'one' | 'split'

export interface Arguments {
  /** How long customers order and processes are killed. */
  readonly seconds: number
  /** The same seed kills the same things at the same moments. */
  readonly seed: number
  readonly topology: Topology
}

/** `--seconds 20 --seed 4711 --topology split`. Throws a `RangeError` that says what is wrong. */
export function readArguments(words: readonly string[], defaults: Arguments): Arguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...words], options: { seconds: text, seed: text, topology: text } })
  const topology = values.topology ?? defaults.topology
  if (topology !== 'one' && topology !== 'split') throw new RangeError(`--topology is '${topology}'; the shop has one and split`)
  return { seconds: wholeNumber('seconds', values.seconds) ?? defaults.seconds, seed: wholeNumber('seed', values.seed) ?? defaults.seed, topology }
}

function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new RangeError(`--${name} is '${value}'; it needs a whole number above 0`)
  return Number(value)
}
