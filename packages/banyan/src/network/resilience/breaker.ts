import type { Outcome } from './callee-failure.ts'
import { slidingWindow } from './window.ts'

export interface BreakerOptions {
  /** Share of failures in the window that opens it, 0 to 1; 0.5 unless said. */
  readonly failureRatio?: number
  /** Calls that the window must hold before the ratio counts; 20 unless said. */
  readonly minimumCalls?: number
  /** Failures without a success between them that open it, however few calls there are; 5 unless said. */
  readonly consecutiveFailures?: number
  /** Length of the window; 10 s unless said. */
  readonly windowMs?: number
  /** Calls let through while half-open; as many successes close it. 3 unless said. */
  readonly probes?: number
  /** How long it stays open the first time; each time that probes fail doubles it, up to `openCapMs`. 1 s and 30 s unless said. */
  readonly openMs?: number
  readonly openCapMs?: number
  /** Monotonic milliseconds. */
  readonly now?: () => number
  /** From 0 up to 1, for the jitter. */
  readonly random?: () => number
}

export interface BreakerStatus {
  readonly state: 'closed' | 'open' | 'half-open'
  /** Calls and failures in the window. */
  readonly calls: number
  readonly failures: number
  /** Calls refused since the start. */
  readonly refused: number
  /** Why it changed last; `undefined` if it never did. */
  readonly reason: string | undefined
  /** Milliseconds until a probe is let through; 0 when calls are. */
  readonly retryInMs: number
}

/** Refused: make no call. */
export const REFUSED = 0

export interface Breaker {
  /** A ticket for one call at `at` or now, or `REFUSED`. Every ticket must be given back through `end`. */
  begin(at?: number): number
  /** Tells how the call of a ticket ended, at `at` or now. Calls begun before the last change of state no longer count. */
  end(ticket: number, outcome: Outcome, at?: number): void
  /** Closes it, for a reason that it cannot know by itself; failures so far are no longer a row. */
  close(because: string): void
  status(): BreakerStatus
}

const SLOTS = 10
/** The share of the open time that chance takes away, so that many callers do not probe at one moment. */
const JITTER = 0.25

/** Stops calling what keeps failing, and tries it with a few calls before it trusts it again. (Nygard, "Release It!", Circuit Breaker) */
export function breaker({
  failureRatio = 0.5,
  minimumCalls = 20,
  consecutiveFailures = 5,
  windowMs = 10_000,
  probes = 3,
  openMs = 1_000,
  openCapMs = 30_000,
  now = () => performance.now(),
  random = Math.random,
}: BreakerOptions = {}): Breaker {
  const window = slidingWindow(SLOTS, windowMs / SLOTS)
  let state: BreakerStatus['state'] = 'closed'
  let ticket = 1
  let consecutive = 0
  let opened = 0
  let reopensAt = 0
  let probing = 0
  let probed = 0
  let refused = 0
  let reason: string | undefined

  function change(to: typeof state, because: string): void {
    state = to
    reason = because
    ticket++
    consecutive = probing = probed = 0
  }
  function open(at: number, because: string): void {
    change('open', because)
    const ms = Math.min(openCapMs, openMs * 2 ** opened++)
    reopensAt = at + ms * (1 - JITTER * random())
  }
  function close(because: string): void {
    opened = 0
    window.clear()
    change('closed', because)
  }
  function judge(at: number, failed: boolean): void {
    window.add(at, failed)
    consecutive = failed ? consecutive + 1 : 0
    if (!failed) return
    if (consecutive >= consecutiveFailures) return open(at, `${consecutive} calls in a row failed`)
    const { calls, failures } = window
    if (calls >= minimumCalls && failures >= failureRatio * calls) open(at, `${failures} of ${calls} calls in ${windowMs} ms failed`)
  }
  function probe(at: number, outcome: Outcome): void {
    probing--
    if (outcome === 'abandoned') return
    if (outcome === 'failure') return open(at, 'a probe failed')
    if (++probed < probes) return
    close(`${probed} probes succeeded`)
  }

  return {
    begin(at) {
      if (state === 'closed') return ticket
      if (state === 'open' && (at ?? now()) >= reopensAt) change('half-open', 'the time to stay open was over')
      if (state === 'half-open' && probing + probed < probes) {
        probing++
        return ticket
      }
      refused++
      return REFUSED
    },
    end(given, outcome, at = now()) {
      if (given !== ticket) return
      if (state === 'half-open') probe(at, outcome)
      else if (outcome !== 'abandoned') judge(at, outcome === 'failure')
    },
    close(because) {
      if (state === 'closed') consecutive = 0
      else close(because)
    },
    status() {
      const at = now()
      window.turn(at)
      const retryInMs = state === 'open' ? Math.max(0, reopensAt - at) : 0
      return { state, calls: window.calls, failures: window.failures, refused, reason, retryInMs }
    },
  }
}
