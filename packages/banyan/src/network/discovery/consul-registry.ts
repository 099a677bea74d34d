import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../model/context.ts'
import { consulAgent, type ConsulAgent, type ConsulAgentOptions } from './consul-agent.ts'
import { outage } from './outage.ts'
import type { Announcement, Instance, Registry } from './registry.ts'
import { watches } from './watches.ts'

export interface ConsulRegistryOptions extends ConsulAgentOptions {
  readonly clock?: Clock
  readonly log?: Log | undefined
}

/** Between two questions, also where each is answered at once. */
const REST_MS = 100
const BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 30_000

/**
 * Consul: instances are services named `<app>-<unit>` with a check, watched by blocking queries; only passing ones are listed. Weights are
 * carried, `report` is not: Consul holds back changes of a check's notes for minutes.
 */
export function consulRegistry(options: ConsulRegistryOptions): Registry {
  const { clock = systemClock, leaseMs = 10_000, healthPath, log } = options
  const agent = consulAgent(options)
  const stop = new AbortController()
  const announced = new Set<Announcement>()
  const running = new Set<Promise<void>>()
  const telling = outage('Consul, told of this instance,', log)
  const watching = watches((unit, over) => {
    const run = follow(unit, over).finally(() => running.delete(run))
    running.add(run)
  })

  async function follow(unit: string, over: AbortSignal): Promise<void> {
    const trouble = outage(`Consul for unit '${unit}'`, log)
    let index = 0
    let failures = 0
    while (!over.aborted) {
      try {
        const found = await agent.passing(unit, index, over)
        if (over.aborted) return
        // an index that goes backwards, or is no positive number, begins anew
        index = found.index < index || found.index < 1 ? 0 : found.index
        failures = 0
        watching.tell(unit, found.instances)
        trouble.over()
      } catch (error) {
        if (over.aborted) return
        index = 0
        failures++
        trouble.failed(error)
      }
      await clock.wait(failures === 0 ? REST_MS : backoff(failures), over)
    }
  }

  return {
    async announce(instance) {
      const announcement = await announceInstance(instance)
      announced.add(announcement)
      if (stop.signal.aborted) await announcement[Symbol.asyncDispose]()
      return announcement
    },
    watch: (unit, changed) => watching.add(unit, changed),
    async [Symbol.asyncDispose]() {
      stop.abort()
      watching.end()
      await Promise.all([...running, ...[...announced].map((one) => one[Symbol.asyncDispose]())])
      await agent[Symbol.asyncDispose]()
    },
  }

  async function announceInstance(instance: Instance): Promise<Announcement> {
    const leaving = new AbortController()
    let left: Promise<void> | undefined
    await agent.register(instance)
    const renewing = (async () => {
      for (;;) {
        await clock.wait(leaseMs / 3, leaving.signal)
        if (leaving.signal.aborted) return
        await renew(agent, instance, healthPath === undefined).then(telling.over, telling.failed)
      }
    })()
    const leave = async (): Promise<void> => {
      announced.delete(announcement)
      leaving.abort()
      await renewing
      await agent.deregister(instance.id).catch(telling.failed)
    }
    const announcement: Announcement = { report: () => {}, [Symbol.asyncDispose]: () => (left ??= leave()) }
    return announcement
  }
}

/** Says that the instance lives, and registers it anew where the agent has forgotten it, which its versions answer in different ways. */
async function renew(agent: ConsulAgent, instance: Instance, byTelling: boolean): Promise<void> {
  const known = byTelling ? agent.pass(instance.id) : agent.known(instance.id)
  await known.catch(() => agent.register(instance))
}

/** Full jitter, so that those who lost Consul together do not come back together. */
function backoff(failures: number): number {
  return Math.random() * Math.min(LONGEST_BACKOFF_MS, BACKOFF_MS * 2 ** failures)
}
