import { LatencyHistogram } from './latency-histogram.ts'

export interface MeterStatus {
  readonly inFlight: number
  /** Answers by the first digit of their status, 1 to 5; `gone`: the client left before the end. */
  readonly answers: {
    readonly '1xx': number
    readonly '2xx': number
    readonly '3xx': number
    readonly '4xx': number
    readonly '5xx': number
    readonly gone: number
  }
  /** Milliseconds from the request to the end of the answer, since the start; within 7 %. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** Counts what passes a route or an upstream. */
export interface Meter {
  begin(): void
  /** `status`: 0 where the client left first. */
  end(status: number, ms: number): void
  status(): MeterStatus
}

export function meter(): Meter {
  const times = new LatencyHistogram()
  const counts = new Float64Array(6)
  let inFlight = 0
  return {
    begin: () => void inFlight++,
    end(status, ms) {
      inFlight--
      counts[Math.floor(status / 100)]!++
      times.add(ms)
    },
    status() {
      const [gone = 0, informed = 0, good = 0, moved = 0, refused = 0, failed = 0] = counts
      return {
        inFlight,
        answers: { '1xx': informed, '2xx': good, '3xx': moved, '4xx': refused, '5xx': failed, gone },
        p50Ms: times.quantile(0.5),
        p95Ms: times.quantile(0.95),
        p99Ms: times.quantile(0.99),
      }
    },
  }
}
