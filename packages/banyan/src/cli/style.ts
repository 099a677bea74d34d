import { styleText } from 'node:util'
import type { Io, Output } from './io.ts'

type Paint = (text: string) => string

/** Colours and weights for what is written to one output; all of them leave the text alone where it takes no colour. */
export interface Style {
  readonly colour: boolean
  readonly dim: Paint
  readonly bold: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
  /** A colour of its own for each of the first six numbers. */
  readonly nth: (index: number) => Paint
}

const kinds = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red'] as const

/** Colours on terminals only, unless NO_COLOR or FORCE_COLOR say otherwise (https://no-color.org). */
export function styleOf(output: Output, env: Io['env']): Style {
  return style(wantsColour(output, env))
}

export function style(colour: boolean): Style {
  const paint = (format: Parameters<typeof styleText>[0]): Paint => (colour ? (text) => styleText(format, text, { validateStream: false }) : (text) => text)
  return {
    colour,
    dim: paint('dim'),
    bold: paint('bold'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
    nth: (index) => paint(kinds[index % kinds.length]!),
  }
}

function wantsColour({ terminal }: Output, env: Io['env']): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0'
  return terminal && env['TERM'] !== 'dumb'
}
