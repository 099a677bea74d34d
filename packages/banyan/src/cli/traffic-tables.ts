import type { GatewayStatus, RouteStatus, UpstreamStatus } from '../gateway/gateway-status.ts'
import type { OutcomeStatus } from '../network/http/outcome-meter.ts'
import type { AnswerCounts, MeterStatus } from '../observe/meter.ts'
import type { LiveInstance } from './live-units.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

type Units = ReadonlyMap<string, readonly LiveInstance[]>

interface Look {
  readonly style: Style
  readonly when?: string
}

/** What one thing takes over all instances: what counts adds up; of times, those of the slowest. */
interface Traffic {
  readonly inFlight: number
  readonly perSecond: number
  readonly lately: AnswerCounts
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

const OF_LATE = 'rates and times of the last minute'
const COLUMNS = ['/S', '4XX', '5XX', 'P50', 'P95', 'P99', 'IN FLIGHT'] as const
const OUTCOMES = ['CACHED', 'LIMITED', 'DENIED'] as const

/** What comes in: operations, then routes to foreign servers and their upstreams; what fails stands first, then what is asked most. Empty where nothing is known. */
export function trafficTables(units: Units, style: Style): string {
  const statuses = [...units.values()].flat().flatMap(({ status }) => (status ? [status] : []))
  const when = `${OF_LATE}; cached, limited and denied since the start`
  const gateways = statuses.flatMap(({ gateway }) => (gateway ? [gateway] : []))
  return [
    section(
      'operations',
      operationRows(
        statuses.flatMap(({ operations }) => (operations ? [operations] : [])),
        style,
      ),
      OUTCOMES,
      { style, when },
    ),
    section('routes', routeRows(gateways, style), [...OUTCOMES, 'TO'], { style, when }),
    section('upstreams', upstreamRows(gateways, style), ['RETRIES LEFT', 'TARGETS'], { style }),
  ]
    .filter((text) => text !== '')
    .join('\n')
}

function section(name: string, rows: readonly (readonly string[])[], more: readonly string[], { style, when = OF_LATE }: Look): string {
  if (rows.length === 0) return ''
  const head = [name.slice(0, -1).toUpperCase(), ...COLUMNS, ...more].map(style.dim)
  return `${style.bold(name)}  ${style.dim(when)}\n${table(rows, { head, indent: '  ' })}`
}

function operationRows(all: readonly Readonly<Record<string, OutcomeStatus>>[], style: Style): readonly (readonly string[])[] {
  return ranked(all).map(([name, traffic, statuses]) => [name, ...cells(traffic, style), ...outcomes(statuses)])
}

function routeRows(all: readonly GatewayStatus[], style: Style): readonly (readonly string[])[] {
  return ranked<RouteStatus>(all.map(({ routes }) => routes)).map(([name, traffic, statuses]) => [
    name,
    ...cells(traffic, style),
    ...outcomes(statuses),
    statuses[0]!.to || style.dim('answers itself'),
  ])
}

/** What OUTCOMES say. */
function outcomes(statuses: readonly OutcomeStatus[]): readonly string[] {
  const hits = sum(statuses, ({ cache }) => cache.hits)
  const misses = sum(statuses, ({ cache }) => cache.misses)
  const cached = hits + misses === 0 ? '' : `${Math.floor((100 * hits) / (hits + misses))} %`
  return [cached, count(sum(statuses, ({ refused }) => refused.limit)), count(sum(statuses, ({ refused }) => refused.access))]
}

function upstreamRows(all: readonly GatewayStatus[], style: Style): readonly (readonly string[])[] {
  return ranked<UpstreamStatus>(all.map(({ upstreams }) => upstreams)).map(([name, traffic, statuses]) => [
    name,
    ...cells(traffic, style),
    String(Math.floor(Math.min(...statuses.map(({ retriesLeft }) => retriesLeft)))),
    targetsText(statuses, style),
  ])
}

/** `2 of 3 well`, and why the others are not. */
function targetsText(statuses: readonly UpstreamStatus[], { red }: Style): string {
  const targets = statuses.flatMap(({ targets: some }) => some)
  const ill = targets.flatMap(({ instance, healthy, ejected, breaker, fault }) => {
    const sick = healthy ? undefined : `not healthy${fault === undefined ? '' : `: ${fault}`}`
    const why = breaker?.state === 'open' ? `breaker open: ${breaker.reason}` : (ejected ?? sick)
    return why === undefined ? [] : [`${instance}: ${why}`]
  })
  const well = `${targets.length - ill.length} of ${targets.length} well`
  return ill.length === 0 ? well : red([well, ...new Set(ill)].join('; '))
}

/** By name, over all instances: what fails first, then what is asked most. */
function ranked<S extends MeterStatus>(all: readonly Readonly<Record<string, S>>[]): readonly (readonly [string, Traffic, readonly S[]])[] {
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))]
  return names
    .map((name) => {
      const statuses = all.flatMap((one) => (one[name] ? [one[name]] : []))
      return [name, trafficOf(statuses), statuses] as const
    })
    .sort(([, a], [, b]) => b.lately['5xx'] - a.lately['5xx'] || b.perSecond - a.perSecond)
}

function trafficOf(statuses: readonly MeterStatus[]): Traffic {
  const most = (of: (lately: MeterStatus['lately']) => number): number => Math.max(...statuses.map(({ lately }) => of(lately)))
  const kinds = ['1xx', '2xx', '3xx', '4xx', '5xx', 'gone'] as const
  return {
    inFlight: sum(statuses, ({ inFlight }) => inFlight),
    perSecond: sum(statuses, ({ lately }) => lately.perSecond),
    lately: Object.fromEntries(kinds.map((kind) => [kind, sum(statuses, ({ lately }) => lately.answers[kind])])) as unknown as AnswerCounts,
    p50Ms: most(({ p50Ms }) => p50Ms),
    p95Ms: most(({ p95Ms }) => p95Ms),
    p99Ms: most(({ p99Ms }) => p99Ms),
  }
}

function cells({ perSecond, lately, p50Ms, p95Ms, p99Ms, inFlight }: Traffic, { yellow, red }: Style): readonly string[] {
  const all = Object.values(lately).reduce((total: number, one: number) => total + one, 0)
  const share = (some: number, paint: (text: string) => string): string => (some === 0 ? '' : paint(shareText(some / all)))
  const time = (ms: number): string => (all === 0 ? '' : timeText(ms))
  return [
    perSecond === 0 ? '0' : perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en'),
    share(lately['4xx'], yellow),
    share(lately['5xx'], red),
    time(p50Ms),
    time(p95Ms),
    time(p99Ms),
    count(inFlight),
  ]
}

/** Never 0 % where there was one. */
function shareText(share: number): string {
  return share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`
}

function timeText(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms).toLocaleString('en')} ms` : `${(ms / 1_000).toFixed(0)} s`
}

function count(value: number): string {
  return value === 0 ? '' : value.toLocaleString('en')
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}
