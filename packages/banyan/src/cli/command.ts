import type { Arguments } from './arguments.ts'
import type { Io } from './io.ts'
import type { Options } from './options.ts'

export interface Example {
  readonly line: string
  /** What it does, as a phrase. */
  readonly does: string
}

/** A command in the list of commands; what it takes to run it is imported when it is asked for. */
export interface Entry {
  /** One word, or two for those of a family: `db plan`. */
  readonly name: string
  /** A phrase. */
  readonly summary: string
  load(): Promise<Command>
}

/** One command of the command line. */
export interface Command {
  /** What follows the name, without options: `[topology]`. */
  readonly usage: string
  /** What it is for, in a few sentences. */
  readonly purpose: string
  readonly options: Options
  /** The fewest and most positional arguments; none unless said. */
  readonly positionals?: readonly [number, number]
  readonly examples: readonly Example[]
  /** Answers the exit code where it is not 0; throws for failures that are to be told. */
  run(args: Arguments, io: Io): Promise<number | void>
}
