import type { Instance } from './registry.ts'

type Changed = (instances: readonly Instance[]) => void

/** Who watches which unit. Each is told the current list first and then each other one, never twice the same. */
export interface Watches {
  /** Units that somebody watches now. */
  readonly units: readonly string[]
  add(unit: string, changed: Changed): Disposable
  /** What the registry says now; those who have heard it already are not told again. */
  tell(unit: string, instances: readonly Instance[]): void
  /** Nobody is told anything any more. */
  end(): void
}

interface Watched {
  readonly watchers: Set<Watcher>
  /** Aborts when the last watcher leaves. */
  readonly over: AbortController
  list: readonly Instance[] | undefined
  text: string | undefined
}

interface Watcher {
  readonly changed: Changed
  heard: string | undefined
}

/** `follow` is called for a unit when its first watcher comes, with a signal that aborts when its last one has left. */
export function watches(follow: (unit: string, over: AbortSignal) => void): Watches {
  const units = new Map<string, Watched>()
  const hear = ({ list, text, watchers }: Watched, watcher: Watcher): void => {
    if (list === undefined || watcher.heard === text || !watchers.has(watcher)) return
    watcher.heard = text
    watcher.changed(list)
  }
  const leave = (unit: string, watched: Watched, watcher: Watcher): void => {
    watched.watchers.delete(watcher)
    if (watched.watchers.size > 0 || units.get(unit) !== watched) return
    units.delete(unit)
    watched.over.abort()
  }
  return {
    get units() {
      return [...units.keys()]
    },
    add(unit, changed) {
      const known = units.get(unit)
      const watched = known ?? { watchers: new Set(), over: new AbortController(), list: undefined, text: undefined }
      const watcher: Watcher = { changed, heard: undefined }
      watched.watchers.add(watcher)
      units.set(unit, watched)
      if (known) queueMicrotask(() => hear(watched, watcher))
      // in a turn of its own, so that nobody is told before `watch` has returned
      else queueMicrotask(() => watched.over.signal.aborted || follow(unit, watched.over.signal))
      return { [Symbol.dispose]: () => leave(unit, watched, watcher) }
    },
    tell(unit, instances) {
      const watched = units.get(unit)
      if (!watched) return
      watched.list = instances.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      watched.text = JSON.stringify(watched.list)
      for (const watcher of watched.watchers) hear(watched, watcher)
    },
    end() {
      for (const watched of units.values()) {
        watched.watchers.clear()
        watched.over.abort()
      }
      units.clear()
    },
  }
}
