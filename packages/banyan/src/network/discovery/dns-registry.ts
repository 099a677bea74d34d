import type { Resolver } from 'node:dns/promises'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Log } from '../../model/context.ts'
import { addressesOf, servicesOf, type Resolved } from './dns-records.ts'
import { outage } from './outage.ts'
import { unheard, type Registry } from './registry.ts'
import { watches } from './watches.ts'

/** Where the addresses of a unit are found: A and AAAA records with a port said here, or SRV records, which carry their ports. */
export type DnsName = { readonly host: string; readonly port: number } | { readonly srv: string }

export interface DnsRegistryOptions {
  readonly units: Readonly<Record<string, DnsName>>
  /** Name servers as `address:port`; those of the machine unless said. */
  readonly servers?: readonly string[]
  /** Bounds for the time between two questions, in milliseconds; 1,000 and 30,000 unless said. The records' TTL decides in between. */
  readonly atLeastMs?: number
  readonly atMostMs?: number
  /** Milliseconds between two questions where no TTL is told, as with SRV and empty answers; 5,000 unless said. */
  readonly everyMs?: number
  readonly clock?: Clock
  readonly log?: Log | undefined
}

/**
 * Instances from DNS (RFC 1035, SRV: RFC 2782): every address is an instance, as with a headless service of Kubernetes. Of SRV records only
 * those of the best priority count. A name that does not exist has no instances; while DNS fails, the last answer stays in use.
 */
export function dnsRegistry(options: DnsRegistryOptions): Registry {
  const { units, servers, atLeastMs = 1_000, atMostMs = 30_000, everyMs = 5_000, clock = systemClock, log } = options
  const running = new Set<Promise<void>>()
  const watching = watches((unit, over) => {
    const name = Object.hasOwn(units, unit) ? units[unit] : undefined
    if (name === undefined) return watching.tell(unit, [])
    const run = follow(unit, name, over).finally(() => running.delete(run))
    running.add(run)
  })

  async function follow(unit: string, name: DnsName, over: AbortSignal): Promise<void> {
    const { Resolver } = await import('node:dns/promises')
    const resolver = new Resolver({ timeout: 2_000, tries: 2 })
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    const trouble = outage(`DNS for unit '${unit}'`, log)
    over.addEventListener('abort', cancel, { once: true })
    while (!over.aborted) {
      let ttlMs: number | undefined
      try {
        const found = await resolve(resolver, unit, name)
        if (over.aborted) return
        ttlMs = found.ttlMs
        watching.tell(unit, found.instances)
        trouble.over()
      } catch (error) {
        if (!over.aborted) trouble.failed(error)
      }
      await clock.wait(Math.min(Math.max(ttlMs ?? everyMs, atLeastMs), atMostMs), over)
    }
  }

  return {
    // whoever keeps the records hears of the stop by itself; what has been looked up stays in use until the next question
    settleMs: everyMs,
    announce: async () => unheard,
    watch: (unit, changed) => watching.add(unit, changed),
    async [Symbol.asyncDispose]() {
      watching.end()
      await Promise.all(running)
    },
  }
}

function resolve(resolver: Resolver, unit: string, name: DnsName): Promise<Resolved> {
  return 'srv' in name ? servicesOf(resolver, unit, name.srv) : addressesOf(resolver, unit, name.host, name.port)
}
