export interface HealthCheckOptions {
  /** Whether the instance says that it is ready; rejects where it says nothing. Given up through `signal`. */
  probe(signal: AbortSignal): Promise<boolean>
  /** It is ready. Told at every pass, also if it was thought so already. */
  passed(): void
  /** It failed twice in a row, for a reason. */
  failed(why: string): void
  /** How often an instance is asked of which nothing bad is known; 5,000 ms unless said. */
  readonly intervalMs?: number
  /** How long one answer may take; 1,000 ms unless said. */
  readonly timeoutMs?: number
  /** From 0 up to 1, for the jitter. */
  readonly random?: () => number
}

export interface HealthCheck extends Disposable {
  /** A call was lost on the way to it: asks soon, and again and again until it passes. */
  suspect(): void
}

const FIRST_MS = 50
const MOST_MS = 1_000
/** A suspicion so soon after a pass: the check says one thing, the calls another. */
const CONTRADICTION_MS = 30_000
const CONTRADICTED_FACTOR = 8
const FAILURES = 2

/**
 * Asks an instance whether it is ready, so that one which is back is used again within about a second, and one which is not ready is left
 * before calls find out. Where its calls fail although it says that it is ready, each pass is waited for eight times as long as the last,
 * up to half a minute, or it would be trusted and fail in turns. (Envoy, active health checking)
 */
export function healthCheck({ probe, passed, failed, intervalMs = 5_000, timeoutMs = 1_000, random = Math.random }: HealthCheckOptions): HealthCheck {
  let timer: NodeJS.Timeout | undefined
  let asking: AbortController | undefined
  let disposed = false
  let suspected = false
  let failures = 0
  let firstMs = FIRST_MS
  let passedAt = -Infinity

  function later(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), ms * (0.75 + random() / 4)).unref()
  }

  async function ask(): Promise<void> {
    asking = new AbortController()
    const late = setTimeout(() => asking?.abort(), timeoutMs).unref()
    const why = await probe(asking.signal).then(
      (ready) => (ready ? undefined : 'it says that it is not ready'),
      (error: unknown) => `it does not answer (${error instanceof Error ? error.message : String(error)})`,
    )
    clearTimeout(late)
    asking = undefined
    if (disposed) return
    if (why === undefined) pass()
    else fail(why)
  }

  function pass(): void {
    failures = 0
    suspected = false
    passedAt = performance.now()
    passed()
    later(intervalMs)
  }

  function fail(why: string): void {
    if (++failures === FAILURES) failed(why)
    later(Math.min(MOST_MS, FIRST_MS * 2 ** failures))
  }

  later(intervalMs)
  return {
    suspect() {
      if (suspected || disposed) return
      suspected = true
      const contradicted = performance.now() - passedAt < CONTRADICTION_MS
      firstMs = contradicted ? Math.min(CONTRADICTION_MS, firstMs * CONTRADICTED_FACTOR) : FIRST_MS
      if (!asking) later(firstMs)
    },
    [Symbol.dispose]() {
      disposed = true
      clearTimeout(timer)
      asking?.abort()
    },
  }
}
