import type { PeerStatus } from '../network/way-status.ts'

/** A target as the gateway sees it. */
export interface TargetStatus extends PeerStatus {
  /** Why it gave no answer last; `undefined`: it has given one since. */
  readonly fault: string | undefined
}

/** How the targets of an upstream are, without their addresses: clients are told this as well. */
export function statesText(targets: readonly TargetStatus[]): string {
  const counts = new Map<string, number>()
  for (const target of targets) counts.set(stateOf(target), (counts.get(stateOf(target)) ?? 0) + 1)
  const states = [...counts].map(([state, count]) => `${count} ${state}`)
  return `of its targets ${states.join(', ')}`
}

/** The same with addresses and reasons, for the log. */
export function reasonsText(targets: readonly TargetStatus[]): string {
  return targets.map((target) => `${target.instance.replace(/^\d+ /, '')} ${stateOf(target)}${reasonOf(target)}`).join('; ')
}

function stateOf({ healthy, ejected, breaker }: TargetStatus): string {
  if (breaker?.state === 'open') return 'left alone after failures'
  if (breaker?.state === 'half-open') return 'tried again after failures'
  if (!healthy) return 'failing health checks'
  return ejected === undefined ? 'taking requests' : 'left alone as slow or failing'
}

function reasonOf({ ejected, breaker, fault }: TargetStatus): string {
  const reasons = [breaker?.state === 'closed' ? undefined : breaker?.reason, ejected, fault].filter((reason) => reason !== undefined)
  return reasons.length === 0 ? '' : ` (${reasons.join('; ')})`
}
