import type { PolicyKind } from '../policy-kind.ts'
import type { Route } from '../config.ts'
import type { Node } from './modern-document.ts'
import type { PolicyDescription } from './policy-description.ts'

type Security = NonNullable<PolicyDescription['security']>

/** What a route and its policies mean to clients. */
export interface RouteFacts {
  readonly route: Route
  /** All of these are needed. */
  readonly security: readonly Security[]
  readonly answers: Readonly<Record<string, string>>
  readonly parameters: readonly Node[]
  readonly deprecated: PolicyDescription['deprecated']
  /** Whether a policy answers, so that no upstream is asked. */
  readonly ends: boolean
  /** The pattern of the paths that the upstream is asked for. */
  readonly sent: string
}

/** Asks the kinds of a route's policies what they mean to clients, in the order in which requests pass them. */
export function routeFacts(route: Route, kinds: readonly PolicyKind[]): RouteFacts {
  const { path } = route.match
  let sent = path
  const all: PolicyDescription[] = []
  for (const { kind, settings } of route.policies) {
    const described = kinds.find(({ name }) => name === kind)?.describe?.(settings as never, { route: path, path: sent })
    if (!described) continue
    all.push(described)
    sent = described.path ?? sent
    if (described.ends) break
  }
  const ends = all.some((one) => one.ends)
  return {
    route,
    security: all.flatMap(({ security }) => security ?? []),
    answers: { ...(ends ? {} : upstreamFailures), ...Object.assign({}, ...all.map(({ answers }) => answers ?? {})) },
    parameters: [...all.flatMap(({ parameters }) => parameters ?? []), ...matched(route)],
    deprecated: all.find((one) => one.deprecated)?.deprecated,
    ends,
    sent,
  }
}

const upstreamFailures = { 502: 'No good answer came from behind', 503: 'Nobody behind it can be asked', 504: 'No answer came in time' }

/** Headers and parameters by which the route is chosen. */
function matched({ match: { headers, query } }: Route): readonly Node[] {
  const of = (place: 'header' | 'query', values: Readonly<Record<string, string>>): readonly Node[] =>
    Object.entries(values).map(([name, value]) => ({ name, in: place, required: true, schema: { type: 'string', enum: [value] } }))
  return [...of('header', headers), ...of('query', query)]
}
