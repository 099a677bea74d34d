import { BanyanError } from '../../kernel/errors.ts'

/** What is wrong with a gateway file, and where. */
export interface Mistake {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** One sentence that says where in the file's own terms, what stands there, and what to do. */
  readonly message: string
}

/** All mistakes of a file in the order of its lines, as `invalid_configuration`. `details.mistakes` has them one by one. */
export function mistakesError(file: string, mistakes: readonly Mistake[]): BanyanError {
  const sorted = mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const lines = sorted.map((mistake) => mistakeLine(file, mistake))
  const message = lines.length === 1 ? lines[0]! : `${file} has ${lines.length} mistakes:\n  ${lines.join('\n  ')}`
  return new BanyanError('invalid_configuration', message, { details: { file, mistakes: sorted } })
}

/** `gateway.yaml:12:7 routes[1].to is 'blgo'; …`, which editors and terminals make a link. */
export function mistakeLine(file: string, { line, column, message }: Mistake): string {
  return `${file}:${line}:${column} ${message}`
}

/** The mistakes that `mistakesError` was made of; `undefined` for any other error. */
export function mistakesOf(error: unknown): readonly Mistake[] | undefined {
  if (!BanyanError.is(error, 'invalid_configuration')) return undefined
  const { mistakes } = error.details
  return Array.isArray(mistakes) ? (mistakes as readonly Mistake[]) : undefined
}
