import type { Outcome } from '../resilience/callee-failure.ts'
import type { Endpoint } from './endpoint.ts'

export interface OutlierOptions {
  /** Failures in a row that eject; 5 unless said. */
  readonly consecutiveFailures?: number
  /** How often success rates are compared; 10 s unless said. */
  readonly intervalMs?: number
  /** Ejection time, times how often it was ejected lately, and its cap; 30 s and 300 s unless said. */
  readonly baseMs?: number
  readonly capMs?: number
  /** Share of the endpoints that may be ejected at once, 0 to 1; 0.1 unless said. One always may. */
  readonly mostEjected?: number
  /** Below this share of endpoints in use all are used, since something else is wrong; 0.5 unless said. */
  readonly panic?: number
  /** From 0 up to 1, for the jitter. */
  readonly random?: () => number
}

export interface OutlierDetector {
  /** Tells the endpoints there are now. */
  know(endpoints: readonly Endpoint[]): void
  /** Counts a call that ended at `at`, in monotonic milliseconds. */
  record(endpoint: Endpoint, outcome: Outcome, at: number): void
  /**
   * Those to use at `at`: the healthy ones, or all where none is, without those ejected, unless too few would be left. The same array until
   * it changes.
   */
  usable(at: number): readonly Endpoint[]
  /** A health check passed: an ejected endpoint is used again. */
  passed(endpoint: Endpoint): void
  /** Tells that an endpoint has become healthy, or is so no longer. */
  checked(endpoint: Endpoint, healthy: boolean): void
}

const MIN_HOSTS = 5
const MIN_REQUESTS = 100
const DEVIATIONS = 1.9
const JITTER = 0.1

interface Record {
  consecutive: number
  calls: number
  failures: number
  times: number
  until: number
}

/** Takes out of use, for a while, what fails where its fellows do not. (Envoy, outlier detection) */
export function outlierDetector({
  consecutiveFailures = 5,
  intervalMs = 10_000,
  baseMs = 30_000,
  capMs = 300_000,
  mostEjected = 0.1,
  panic = 0.5,
  random = Math.random,
}: OutlierOptions = {}): OutlierDetector {
  let records = new Map<Endpoint, Record>()
  let usable: readonly Endpoint[] = []
  let nextReturn = Infinity
  let nextCompare = 0

  function choose(): void {
    const all = [...records.keys()]
    const healthy = all.filter((endpoint) => endpoint.healthy)
    const among = healthy.length > 0 ? healthy : all
    const inUse = among.filter(({ ejected }) => ejected === undefined)
    usable = inUse.length < panic * among.length || inUse.length === 0 ? among : inUse
    nextReturn = Infinity
    for (const [{ ejected }, { until }] of records) if (ejected !== undefined) nextReturn = Math.min(nextReturn, until)
  }
  function eject(endpoint: Endpoint, record: Record, at: number, because: string): void {
    const ejected = [...records.keys()].filter((other) => other.ejected !== undefined).length
    if (endpoint.ejected !== undefined || ejected >= Math.max(1, Math.floor(mostEjected * records.size))) return
    record.times++
    record.until = at + Math.min(capMs, baseMs * record.times) * (1 + JITTER * random())
    endpoint.ejected = because
    choose()
  }
  function readmit(endpoint: Endpoint, record: Record): void {
    endpoint.ejected = undefined
    record.consecutive = record.calls = record.failures = 0
  }
  function compare(at: number): void {
    nextCompare = at + intervalMs
    const heard = [...records].filter(([, { calls }]) => calls >= MIN_REQUESTS)
    if (heard.length >= MIN_HOSTS) {
      const rates = heard.map(([, { calls, failures }]) => 1 - failures / calls)
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
      const deviation = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length)
      const least = mean - DEVIATIONS * deviation
      heard.forEach(([endpoint, record], index) => {
        if (rates[index]! < least) eject(endpoint, record, at, `${percent(rates[index]!)} of its calls succeeded where ${percent(mean)} do elsewhere`)
      })
    }
    for (const [endpoint, record] of records) {
      record.calls = record.failures = 0
      if (endpoint.ejected === undefined && record.times > 0 && at >= record.until + intervalMs) record.times--
    }
  }

  return {
    know(endpoints) {
      records = new Map(endpoints.map((endpoint) => [endpoint, records.get(endpoint) ?? { consecutive: 0, calls: 0, failures: 0, times: 0, until: 0 }]))
      choose()
    },
    record(endpoint, outcome, at) {
      const record = records.get(endpoint)
      if (record === undefined || outcome === 'abandoned') return
      record.calls++
      if (outcome === 'failure') {
        record.failures++
        if (++record.consecutive >= consecutiveFailures) eject(endpoint, record, at, `${record.consecutive} calls in a row failed`)
      } else record.consecutive = 0
      if (at >= nextCompare) compare(at)
    },
    usable(at) {
      if (at < nextReturn) return usable
      for (const [endpoint, record] of records) if (endpoint.ejected !== undefined && at >= record.until) readmit(endpoint, record)
      choose()
      return usable
    },
    passed(endpoint) {
      const record = records.get(endpoint)
      if (record === undefined || endpoint.ejected === undefined) return
      readmit(endpoint, record)
      choose()
    },
    checked(endpoint, healthy) {
      if (endpoint.healthy === healthy) return
      endpoint.healthy = healthy
      choose()
    },
  }
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`
}
