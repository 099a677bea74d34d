import { parseArgs } from 'node:util'

export type Topology = 'one' | 'split'

export interface Arguments {
  readonly seconds?: number
  readonly seed?: number
  readonly topology?: Topology
}

/** `--seconds 20 --seed 4711 --topology split`, any of them. Throws a `RangeError` that says what is wrong. */
export function readArguments(words: readonly string[]): Arguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...words], options: { seconds: text, seed: text, topology: text } })
  const [seconds, seed, topology] = [wholeNumber('seconds', values.seconds), wholeNumber('seed', values.seed), topologyOf(values.topology)]
  return { ...(seconds === undefined ? {} : { seconds }), ...(seed === undefined ? {} : { seed }), ...(topology === undefined ? {} : { topology }) }
}

export function topologyOf(value: string | undefined): Topology | undefined {
  if (value === undefined || value === 'one' || value === 'split') return value
  throw new RangeError(`--topology is '${value}'; the shop has one and split`)
}

function wholeNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new RangeError(`--${name} is '${value}'; it needs a whole number above 0`)
  return Number(value)
}
