import { LatencyHistogram } from './latency-histogram.ts'

/** Answers by the first digit of their status, 1 to 5; `gone`: the client left before the end. */
export interface AnswerCounts {
  readonly '1xx': number
  readonly '2xx': number
  readonly '3xx': number
  readonly '4xx': number
  readonly '5xx': number
  readonly gone: number
}

/** What was lately: in the last half minute at least, in the last minute at most. */
export interface LatelyStatus {
  /** Requests that ended, per second. */
  readonly perSecond: number
  readonly answers: AnswerCounts
  /** Milliseconds from the request to the end of the answer; within 7 %, and 0 where nothing ended. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

export interface MeterStatus {
  readonly inFlight: number
  /** Since the start. */
  readonly answers: AnswerCounts
  readonly lately: LatelyStatus
}

/** Counts what passes an operation, a route or an upstream. Instants are milliseconds of the monotonic clock (`performance.now()`). */
export interface Meter {
  begin(): void
  /** `status`: 0 where the client left first. `began`: `undefined` where the time says nothing, as of a stream that lasts as long as its reader. */
  end(status: number, began: number | undefined, now: number): void
  status(now?: number): MeterStatus
}

const HALF_MS = 30_000
const CLASSES = 6

/** Half of what is remembered of late. */
class Half {
  readonly times = new LatencyHistogram()
  readonly counts = new Float64Array(CLASSES)
  from = 0

  restart(from: number): void {
    this.times.clear()
    this.counts.fill(0)
    this.from = from
  }
}

class Counter implements Meter {
  readonly #all = new Float64Array(CLASSES)
  readonly #made: number
  #now: Half
  #before: Half
  #inFlight = 0

  constructor(now: number) {
    this.#made = now
    this.#now = new Half()
    this.#before = new Half()
    this.#now.restart(now)
    this.#before.restart(now)
  }

  begin(): void {
    this.#inFlight++
  }

  end(status: number, began: number | undefined, now: number): void {
    this.#inFlight--
    if (now - this.#now.from >= HALF_MS) this.#turn(now)
    const kind = Math.floor(status / 100)
    this.#all[kind]!++
    this.#now.counts[kind]!++
    if (began !== undefined) this.#now.times.add(now - began)
  }

  status(now = performance.now()): MeterStatus {
    if (now - this.#now.from >= HALF_MS) this.#turn(now)
    const [half, before] = [this.#now, this.#before]
    const counts = half.counts.map((count, kind) => count + before.counts[kind]!)
    const seconds = Math.max(1, (now - Math.max(before.from, this.#made)) / 1_000)
    const quantile = (q: number): number => half.times.quantile(q, before.times)
    return {
      inFlight: this.#inFlight,
      answers: answersOf(this.#all),
      lately: {
        perSecond: counts.reduce((sum, count) => sum + count, 0) / seconds,
        answers: answersOf(counts),
        p50Ms: quantile(0.5),
        p95Ms: quantile(0.95),
        p99Ms: quantile(0.99),
      },
    }
  }

  /** Halves begin when something asks for them, so that nothing has to tick. */
  #turn(now: number): void {
    const old = this.#before
    const late = now - this.#now.from
    const from = now - (late % HALF_MS)
    this.#before = this.#now
    // nothing has ended for so long that what was counted is not of late any more
    if (late >= 2 * HALF_MS) this.#before.restart(from - HALF_MS)
    this.#now = old
    old.restart(from)
  }
}

function answersOf([gone = 0, informed = 0, good = 0, moved = 0, refused = 0, failed = 0]: Float64Array): AnswerCounts {
  return { '1xx': informed, '2xx': good, '3xx': moved, '4xx': refused, '5xx': failed, gone }
}

export function meter(now: number = performance.now()): Meter {
  return new Counter(now)
}
