/** Calls and failures of the last `slots` × `slotMs` milliseconds, forgotten a slot at a time. */
export interface SlidingWindow {
  readonly calls: number
  readonly failures: number
  /** Counts one call that ended at `at`, in monotonic milliseconds. */
  add(at: number, failed: boolean): void
  /** Forgets what is too old at `at`. */
  turn(at: number): void
  clear(): void
}

/** A window kept as running sums, so that counting costs the same for every length. */
export function slidingWindow(slots: number, slotMs: number): SlidingWindow {
  const calls = new Float64Array(slots)
  const failures = new Float64Array(slots)
  let current = 0
  const turn = (at: number) => {
    const slot = Math.floor(at / slotMs)
    if (slot <= current) return
    for (let passed = Math.max(current + 1, slot - slots + 1); passed <= slot; passed++) {
      const index = passed % slots
      window.calls -= calls[index]!
      window.failures -= failures[index]!
      calls[index] = failures[index] = 0
    }
    current = slot
  }
  const window = {
    calls: 0,
    failures: 0,
    turn,
    add(at: number, failed: boolean) {
      turn(at)
      const index = current % slots
      calls[index]!++
      window.calls++
      if (!failed) return
      failures[index]!++
      window.failures++
    },
    clear() {
      calls.fill(0)
      failures.fill(0)
      window.calls = window.failures = 0
    },
  }
  return window
}
