import type { Presence } from '../network/discovery/presence.ts'
import type { WayStatus } from '../network/way-status.ts'
import type { Way } from '../network/way.ts'

interface Neighbour {
  readonly presence: Presence
  readonly way: Way
}

/** The other units of the topology as this process sees them. */
export class Neighbours {
  readonly #units = new Map<string, Neighbour>()

  add(unit: string, neighbour: Neighbour): void {
    this.#units.set(unit, neighbour)
  }

  /** Where instances are known, by unit. */
  urls(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.#units].map(([unit, { presence }]) => [unit, (presence.instances ?? []).map(({ url }) => url)]))
  }

  /** Whether any other unit has an instance, which may be calling this one. */
  get present(): boolean {
    return [...this.#units.values()].some(({ presence }) => (presence.instances ?? []).length > 0)
  }

  ways(): Readonly<Record<string, WayStatus>> {
    return Object.fromEntries([...this.#units].map(([unit, { way }]) => [unit, way.status()]))
  }
}
