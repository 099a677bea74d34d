import { digestOf, type Purge } from './answer-store.ts'
import { Fill } from './fill.ts'
import type { ResourceKey } from './stored-answer.ts'

/** All questions to origins that are under way. */
export interface Fills {
  /** One that may be joined. */
  find(id: string): Fill | undefined
  /** Without an id nobody can join it. Runs until `end`. */
  begin(key: ResourceKey, options: { readonly id: string | undefined; readonly wanted: boolean }): Fill
  end(fill: Fill): void
  /** Their answers are outdated where the purge is about them. */
  purge(purge: Purge): void
  readonly size: number
}

export function fills(): Fills {
  const active = new Map<Fill, string | undefined>()
  const joinable = new Map<string, Fill>()

  function seclude(fill: Fill): void {
    const id = active.get(fill)
    if (id !== undefined && joinable.get(id) === fill) joinable.delete(id)
  }
  return {
    find: (id) => joinable.get(id),
    begin(key, { id, wanted }) {
      const fill = new Fill(key, wanted)
      active.set(fill, id)
      if (id !== undefined) joinable.set(id, fill)
      return fill
    },
    end(fill) {
      seclude(fill)
      active.delete(fill)
    },
    purge({ all, urls = [], digests = [], tags = [] }) {
      const about = ({ url }: ResourceKey) => all === true || urls.includes(url) || (digests.length > 0 && digests.includes(digestOf(url)))
      for (const fill of active.keys()) {
        fill.forget(tags)
        if (!about(fill.key)) continue
        fill.doom()
        seclude(fill)
      }
    },
    get size() {
      return active.size
    },
  }
}
