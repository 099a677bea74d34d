/** Two books that must agree about something. */
export interface Balance {
  readonly what: string
  readonly one: string
  readonly other: string
  /** What does not agree, each a sentence; empty where all is well. */
  readonly faults: readonly string[]
}

export function isBalanced(balances: readonly Balance[]): boolean {
  return balances.every(({ faults }) => faults.length === 0)
}
