import { unheard, type Instance, type Registry } from './registry.ts'
import { watches } from './watches.ts'

/** Unit → where its instances are, for example `{ orders: ['http://10.0.0.7:3000', 'http://10.0.0.8:3000'] }`. */
export type StaticAddresses = Readonly<Record<string, readonly string[]>>

/** Addresses that never change. A unit without any has no instances; one that is named twice counts once. */
export function staticRegistry(addresses: StaticAddresses): Registry {
  const watching = watches((unit) => watching.tell(unit, instancesOf(unit, addresses)))
  return {
    settleMs: 0,
    announce: async () => unheard,
    watch: (unit, changed) => watching.add(unit, changed),
    [Symbol.asyncDispose]: async () => watching.end(),
  }
}

function instancesOf(unit: string, addresses: StaticAddresses): Instance[] {
  const urls = Object.hasOwn(addresses, unit) ? addresses[unit]! : []
  return [...new Set(urls)].map((url) => ({ id: `${unit}@${url}`, unit, url }))
}
