import type { Clock } from '../../kernel/clock.ts'
import type { Outage } from './outage.ts'
import type { Announcement, Instance } from './registry.ts'

export interface AnnouncingOptions {
  readonly leaseMs: number
  readonly clock: Clock
  /** Told when renewing or removing fails, and when it works again. */
  readonly trouble: Outage
  register(instance: Instance): Promise<void>
  /** Comes every third of the lease, with the load that was reported last. */
  renew(instance: Instance): Promise<void>
  remove(id: string): Promise<void>
}

/** What a process has announced at a registry that wants to hear of it again and again. */
export interface Announcing {
  announce(instance: Instance): Promise<Announcement>
  /** Takes everything back, also what is still being announced. */
  end(): Promise<void>
}

export function announcing({ leaseMs, clock, trouble, register, renew, remove }: AnnouncingOptions): Announcing {
  const announced = new Set<Announcement>()
  let ended = false

  async function registered(instance: Instance): Promise<Announcement> {
    let { load } = instance
    let left: Promise<void> | undefined
    const leaving = new AbortController()
    await register(instance)
    const renewing = (async () => {
      for (;;) {
        await clock.wait(leaseMs / 3, leaving.signal)
        if (leaving.signal.aborted) return
        await renew({ ...instance, load }).then(trouble.over, trouble.failed)
      }
    })()
    const leave = async (): Promise<void> => {
      announced.delete(announcement)
      leaving.abort()
      // a renewal under way would bring back what is removed here
      await renewing
      await remove(instance.id).catch(trouble.failed)
    }
    const announcement: Announcement = { report: (now) => void (load = now), [Symbol.asyncDispose]: () => (left ??= leave()) }
    return announcement
  }

  return {
    async announce(instance) {
      const announcement = await registered(instance)
      announced.add(announcement)
      if (ended) await announcement[Symbol.asyncDispose]()
      return announcement
    },
    async end() {
      ended = true
      await Promise.all([...announced].map((one) => one[Symbol.asyncDispose]()))
    },
  }
}
