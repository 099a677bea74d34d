const Real = Date
let ahead = 0

/** Steps the wall clock of this process, as an administrator or a time server would the machine's; the monotonic clock goes on. */
export function stepClock(aheadMs: number): void {
  ahead = aheadMs
  globalThis.Date = Stepped as DateConstructor
}

class Stepped extends Real {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [Real.now() + ahead] : given) as [number]))
  }
  static override now(): number {
    return Real.now() + ahead
  }
}
