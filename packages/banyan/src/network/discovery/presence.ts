import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { Instance, Registry } from './registry.ts'

export interface Waiting {
  /** What waits, for messages: `orders.place`. */
  readonly name: string
  readonly deadline?: Deadline
  readonly signal: AbortSignal
}

export interface PresenceOptions {
  readonly unit: string
  readonly registry: Registry
  /** How long after the last instance left, or after the start, calls wait for one to come; 5,000 ms unless said. */
  readonly patienceMs?: number
  readonly clock?: Clock
}

/** Whether a unit has instances as far as a registry tells, and the wait for the first. */
export interface Presence {
  /** The list heard last; undefined before the first. */
  readonly instances: readonly Instance[] | undefined
  /** Whether an instance is known. */
  readonly present: boolean
  /** The registry's watch of the unit. */
  watch(changed: (instances: readonly Instance[]) => void): Disposable
  /**
   * `undefined` where an instance is known. Else resolves when one is, within the patience and half of the time left, so that there is time
   * for the call. Throws `unavailable` or `cancelled`; nothing was executed.
   */
  wait(waiting: Waiting): Promise<void> | undefined
}

const PATIENCE_MS = 5_000

/**
 * Units that start in any order, and the one instance of a unit that restarts, leave a gap of a second or two. Callers sit it out, but not a
 * unit that is not there: once nobody has been there for the patience, calls fail at once.
 */
export function presence({ unit, registry, patienceMs = PATIENCE_MS, clock = systemClock }: PresenceOptions): Presence {
  let instances: readonly Instance[] | undefined
  let emptySince = clock.monotonic()
  let arrival = new AbortController()

  function hear(list: readonly Instance[]): void {
    if (list.length > 0) {
      arrival.abort()
      arrival = new AbortController()
    } else if (instances !== undefined && instances.length > 0) emptySince = clock.monotonic()
    instances = list
  }

  function absent(name: string): BanyanError {
    const why =
      instances === undefined ? 'the registry has not said yet where it runs' : 'no instance of it is in the registry, so it does not run, or is just starting'
    return new BanyanError('unavailable', `${name}: unit '${unit}' cannot be called, ${why}`, { executed: 'no' })
  }

  async function until({ name, signal }: Waiting, ms: number): Promise<void> {
    await clock.wait(ms, AbortSignal.any([signal, arrival.signal]))
    if (signal.aborted) throw new BanyanError('cancelled', `${name}: the caller gave up while waiting for an instance of unit '${unit}'`, { executed: 'no' })
    if (!instances?.length) throw absent(name)
  }

  return {
    get instances() {
      return instances
    },
    get present() {
      return instances !== undefined && instances.length > 0
    },
    watch: (changed) =>
      registry.watch(unit, (list) => {
        changed(list)
        hear(list)
      }),
    wait(waiting) {
      if (instances !== undefined && instances.length > 0) return undefined
      const left = Math.min(emptySince + patienceMs - clock.monotonic(), (waiting.deadline?.left() ?? Infinity) / 2)
      return left > 0 ? until(waiting, left) : Promise.reject(absent(waiting.name))
    },
  }
}
