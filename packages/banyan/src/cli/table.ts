import { stripVTControlCharacters } from 'node:util'

export interface TableOptions {
  /** Titles of the columns. */
  readonly head?: readonly string[]
  /** Lines are cut to it; never, unless said. */
  readonly width?: number | undefined
  /** Before every line. */
  readonly indent?: string
  /** Widths of the columns, which grow with what is written: pass the same array on for tables that continue each other. */
  readonly widths?: number[]
}

const GAP = '  '

/** Lines whose columns stand below each other, each with its line end. Cells may carry colours. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { head, width, indent = '', widths = [] } = options
  const lines = head ? [head, ...rows] : rows
  for (const line of lines) {
    // nothing stands behind the last cell of a line, so it may be as long as it likes
    line.slice(0, -1).forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, length(cell))))
  }
  return lines.map((line) => `${shorten(indent + joined(line, widths), width)}\n`).join('')
}

function joined(line: readonly string[], widths: readonly number[]): string {
  const padded = line.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - length(cell))))
  // a column in which nothing stands takes no room
  return padded
    .filter((cell, column) => cell !== '' || widths[column] !== 0)
    .join(GAP)
    .trimEnd()
}

/** Characters that a text takes on a terminal. */
export function length(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

/** The text, or its beginning and `…` where it takes more than `width` characters; colours stay as they are. */
export function shorten(text: string, width: number | undefined): string {
  if (width === undefined || length(text) <= width) return text
  let left = width - 1
  const kept = [...text.matchAll(/\u001B\[[\d;]*m|./gsu)].filter(([part]) => part.startsWith('\u001B[') || left-- > 0)
  return `${kept.map(([part]) => part).join('')}…`
}
