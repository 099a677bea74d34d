import type { Clock } from '../../kernel/clock.ts'
import type { Found } from './registry-table.ts'
import type { Instance } from './registry.ts'

type Read = (units: readonly string[], tag: string) => Promise<Found>

/**
 * Reads the list where it differs from what was read last; undefined where it does not. After a long silence of the registry, in which
 * leases ended because nobody could renew them, the instances known before are kept for `patienceMs` more, until they had time to renew.
 */
export function patientReader(read: Read, { patienceMs, clock }: { readonly patienceMs: number; readonly clock: Clock }) {
  let tag = ''
  let asked = ''
  let known: readonly Instance[] = []
  let answeredAt: number | undefined
  let patientUntil = -Infinity
  return async (units: readonly string[]): Promise<readonly Instance[] | undefined> => {
    const names = units.join('\n')
    if (units.length === 0) answeredAt = undefined
    if (names !== asked) tag = ''
    asked = names
    if (units.length === 0) return undefined
    const found = await read(units, tag)
    const now = clock.monotonic()
    if (answeredAt !== undefined && now - answeredAt > patienceMs / 2) patientUntil = now + patienceMs
    answeredAt = now
    if (now < patientUntil) {
      // not remembered: what is kept out of patience has to be looked at again
      tag = ''
      const living = new Set(found.instances?.map(({ id }) => id))
      if (found.instances) known = [...found.instances, ...known.filter(({ id }) => !living.has(id))]
      return known
    }
    tag = found.tag
    if (found.instances) known = found.instances
    return found.instances
  }
}
