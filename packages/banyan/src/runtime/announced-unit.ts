import { fullJitter } from '../kernel/backoff.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { beforeDeadline, Deadline } from '../kernel/deadline.ts'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import type { Announcement, Instance, Registry } from '../network/discovery/registry.ts'

export interface AnnouncedUnitOptions {
  readonly registry: Registry
  readonly instance: Instance
  /** How busy it is, 0 to 1, since it was asked last. */
  load(): number
  /** Tells all who are connected that they should turn to others. */
  leave(): void
  /** Whether anybody may be calling it. */
  hasCallers(): boolean
  readonly log: Log
  readonly clock?: Clock
}

const REPORT_MS = 2_000
const AGAIN = { baseMs: 500, capMs: 10_000 }
/** A registry that does not answer holds up no stop for longer. */
const LEAVING_MS = 3_000

/**
 * Announces a unit that is ready, and reports how busy it is. A registry that is away is asked again until it is back. Disposing leaves the
 * registry, then serves on until callers have heard; what drains the unit comes after that. Throws what no further try would mend.
 */
export async function announcedUnit(options: AnnouncedUnitOptions): Promise<AsyncDisposable> {
  const { registry, instance, log, clock = systemClock } = options
  const leaving = new AbortController()
  let announcement: Announcement | undefined = await registry.announce(instance).catch((error: unknown) => {
    if (BanyanError.is(error) && !error.retryable) throw error
    log.warn('this unit is not in the registry yet, and others cannot find it; it is tried again', { instance: instance.id, error: messageOf(error) })
    return undefined
  })

  async function announced(): Promise<void> {
    for (let failures = 1; announcement === undefined && !leaving.signal.aborted; failures++) {
      await clock.wait(fullJitter(AGAIN, failures), leaving.signal)
      if (leaving.signal.aborted) return
      announcement = await registry.announce(instance).catch(() => undefined)
      if (announcement) log.info('this unit is in the registry now', { instance: instance.id })
    }
  }

  async function report(): Promise<void> {
    await announced()
    while (!leaving.signal.aborted) {
      await clock.wait(REPORT_MS, leaving.signal)
      announcement?.report(options.load())
    }
  }

  async function leave(): Promise<void> {
    leaving.abort()
    options.leave()
    await reporting
    await announcement?.[Symbol.asyncDispose]()
  }

  const reporting = report()
  return {
    async [Symbol.asyncDispose]() {
      const heard = options.hasCallers()
      await beforeDeadline(leave(), Deadline.in(LEAVING_MS), 'leaving the registry').catch((error: unknown) =>
        log.warn('this unit could not leave the registry, which lists it until its lease ends', { instance: instance.id, error: messageOf(error) }),
      )
      if (heard) await clock.wait(registry.settleMs)
    },
  }
}
