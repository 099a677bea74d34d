export interface HealthCheckOptions {
  /** Asks the instance once whether it is ready; a failure counts as no. `signal` aborts when its answer is waited for no longer. */
  probe(signal: AbortSignal): Promise<boolean>
  /** Told when the instance becomes unhealthy, and when it is healthy again. */
  turned(healthy: boolean): void
  /** The instance may be trusted as if nothing had happened. */
  restored(): void
  /** Between checks while all is well, in milliseconds; 5,000 unless said. */
  readonly intervalMs?: number
  /** Monotonic milliseconds. */
  readonly now?: () => number
  /** From 0 up to 1, for the jitter. */
  readonly random?: () => number
}

/** Asks until it is disposed of; does not keep the process alive. */
export interface HealthCheck extends Disposable {
  /** A call to the instance has failed: it is asked soon. */
  suspect(): void
  /** Whether it is ready, by a check that begins after this: soon, but no more than ten are made a second. A pass meanwhile is a pass too. */
  ask(): Promise<boolean>
}

const INTERVAL_MS = 5_000
const SOON_MS = 50
/** Between checks that are wanted now. */
const WANTED_MS = 100
const BACK_OFF_CAP_MS = 1_000
const TIMEOUT_MS = 1_000
/** The share of each wait that chance takes away, so that many callers do not ask at one moment. */
const JITTER = 0.25
const FAILURES = 2
const DISTRUST_MS = 30_000

/**
 * Asks an instance whether it is ready: every 5 s, or as said, while all is well, 50 ms after a call to it has failed, and from then on until it passes
 * at waits that double up to 1 s. Two failures in a row make it unhealthy, a pass makes it healthy.
 *
 * A pass after a failure restores it: it was away and is back. A pass alone, after calls have failed, does so at most every 30 s: what
 * passes its checks while its calls fail would otherwise be trusted anew 50 ms after each time it was found out. (Envoy, active health checking)
 */
export function healthCheck({
  probe,
  turned,
  restored,
  intervalMs = INTERVAL_MS,
  now = () => performance.now(),
  random = Math.random,
}: HealthCheckOptions): HealthCheck {
  let timer: NodeJS.Timeout | undefined
  let dueAt = Infinity
  let disposed = false
  let begunAt = -Infinity
  let asking: AbortController | undefined
  /** Checks that failed in a row. */
  let failures = 0
  /** Whether calls have failed since it was trusted last, and whether that was said after the last check began. */
  let suspected = false
  let suspectedAnew = false
  let trustedAt = -Infinity
  /** Who waits for the next check that begins. */
  let wanted: PromiseWithResolvers<boolean> | undefined

  function askIn(ms: number): void {
    if (disposed) return
    clearTimeout(timer)
    const wait = ms * (1 - JITTER * random())
    dueAt = now() + wait
    timer = setTimeout(() => void check(), wait).unref()
  }
  async function check(): Promise<void> {
    const mine = new AbortController()
    const waiting = wanted
    asking = mine
    begunAt = now()
    wanted = undefined
    suspectedAnew = false
    const late = setTimeout(() => mine.abort(), TIMEOUT_MS).unref()
    const ready = await probe(mine.signal).catch(() => false)
    clearTimeout(late)
    asking = undefined
    waiting?.resolve(ready && !disposed)
    if (disposed) return
    if (ready) passed()
    else failed()
  }
  function passed(): void {
    const back = failures > 0
    if (failures >= FAILURES) turned(true)
    failures = 0
    wanted?.resolve(true)
    wanted = undefined
    askIn(suspectedAnew ? SOON_MS : intervalMs)
    const trusted = suspected && now() - trustedAt >= DISTRUST_MS
    if (!back && !trusted) return
    if (!back) trustedAt = now()
    suspected = false
    restored()
  }
  function failed(): void {
    if (++failures === FAILURES) turned(false)
    askIn(wanted ? WANTED_MS : Math.min(BACK_OFF_CAP_MS, SOON_MS * 2 ** Math.min(failures, 10)))
  }

  askIn(intervalMs)
  return {
    suspect() {
      const soon = failures > 0 || suspectedAnew || asking !== undefined
      suspected = suspectedAnew = true
      if (!soon) askIn(SOON_MS)
    },
    ask() {
      if (disposed) return Promise.resolve(false)
      wanted ??= Promise.withResolvers()
      const ms = Math.max(0, begunAt + WANTED_MS - now())
      if (!asking && dueAt > now() + ms) askIn(ms)
      return wanted.promise
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      disposed = true
      asking?.abort()
      wanted?.resolve(false)
    },
  }
}
