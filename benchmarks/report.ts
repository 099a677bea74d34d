/** What a benchmark is held against. */
export interface Goal {
  readonly what: string
  /** As text, with its comparison: `at least 10`. */
  readonly goal: string
  readonly measured: number
  readonly met: boolean
}

export interface Report {
  readonly name: string
  /** The version of Node it ran on. */
  readonly node: string
  /** How often everything was measured; figures are medians. */
  readonly runs: number
  readonly goals: readonly Goal[]
  /** Tables and remarks, for people. */
  readonly text: string
}

/** A benchmark is a directory with a `main.ts` that exports this as `run`. `progress` takes a line about what is being done. */
export type Benchmark = (progress: (line: string) => void) => Promise<Report>

export function atLeast(what: string, goal: number, measured: number): Goal {
  return { what, goal: `at least ${goal}`, measured: rounded(measured), met: measured >= goal }
}

export function atMost(what: string, goal: number, measured: number): Goal {
  return { what, goal: `at most ${goal}`, measured: rounded(measured), met: measured <= goal }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Nearest rank. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Columns aligned, the first to the left. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n')
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
