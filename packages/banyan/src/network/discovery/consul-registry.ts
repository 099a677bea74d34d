import { fullJitter } from '../../kernel/backoff.ts'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../model/context.ts'
import { announcing } from './announcing.ts'
import { consulAgent, type ConsulAgent, type ConsulAgentOptions } from './consul-agent.ts'
import { outage } from './outage.ts'
import type { Instance, Registry } from './registry.ts'
import { watches } from './watches.ts'

export interface ConsulRegistryOptions extends ConsulAgentOptions {
  readonly clock?: Clock
  readonly log?: Log | undefined
}

/** Between two questions, also where each is answered at once. */
const REST_MS = 100
/** A blocking query is answered at once, but Consul's servers hear of it from the agent, and the next question rests. */
const SETTLE_MS = 1_000
/** With jitter, so that those who lost Consul together do not come back together. */
const BACKOFF = { baseMs: 1_000, capMs: 30_000 }

/**
 * Consul: instances are services named `<app>-<unit>` with a check, watched by blocking queries; only passing ones are listed. Weights are
 * carried, `report` is not: Consul holds back changes of a check's notes for minutes.
 */
export function consulRegistry(options: ConsulRegistryOptions): Registry {
  const { clock = systemClock, leaseMs = 10_000, healthPath, log } = options
  const agent = consulAgent(options)
  const running = new Set<Promise<void>>()
  const told = announcing({
    leaseMs,
    clock,
    trouble: outage('Consul, told of this instance,', log),
    register: (instance) => agent.register(instance),
    renew: (instance) => renew(agent, instance, healthPath === undefined),
    remove: (id) => agent.deregister(id),
  })
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
      await clock.wait(failures === 0 ? REST_MS : fullJitter(BACKOFF, failures), over)
    }
  }

  return {
    settleMs: SETTLE_MS,
    announce: (instance) => told.announce(instance),
    watch: (unit, changed) => watching.add(unit, changed),
    async [Symbol.asyncDispose]() {
      watching.end()
      await Promise.all([...running, told.end()])
      await agent[Symbol.asyncDispose]()
    },
  }
}

/** Says that the instance lives, and registers it anew where the agent has forgotten it, which its versions answer in different ways. */
async function renew(agent: ConsulAgent, instance: Instance, byTelling: boolean): Promise<void> {
  const known = byTelling ? agent.pass(instance.id) : agent.known(instance.id)
  await known.catch(() => agent.register(instance))
}
