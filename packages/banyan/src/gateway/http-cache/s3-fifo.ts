/** What is kept under a key, and what it weighs. */
interface Item<Value> {
  readonly key: string
  readonly value: Value
  readonly weight: number
  /** Uses since it was queued, 3 at most. */
  uses: number
  queue: Queue<Value>
}

/** In the order of insertion, which a Map keeps. */
interface Queue<Value> {
  readonly items: Map<string, Item<Value>>
  weight: number
}

const SMALL_SHARE = 0.1
const MOST_USES = 3

/** Keeps values up to a total weight. */
export interface Bounded<Value> {
  /** Notes that the value of a key was used. */
  touch(key: string): void
  /** Takes the place of what is under the key. A value must not weigh more than the whole capacity. */
  set(key: string, value: Value, weight: number): void
  delete(key: string): void
  clear(): void
  readonly size: number
  readonly weight: number
}

/**
 * S3-FIFO: newcomers pass through a small queue, and only those used again there come into the main one, so that a scan by a crawler
 * does not wash out what everybody reads. (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023)
 * `evicted` hears of what had to go.
 */
export function s3Fifo<Value>(capacity: number, evicted: (value: Value) => void): Bounded<Value> {
  const small: Queue<Value> = { items: new Map(), weight: 0 }
  const main: Queue<Value> = { items: new Map(), weight: 0 }
  /** Keys that left the small queue unused; who comes back goes into the main queue. */
  const ghosts = new Set<string>()
  const all = new Map<string, Item<Value>>()

  function push(item: Item<Value>, queue: Queue<Value>): void {
    item.queue = queue
    item.uses = 0
    queue.items.set(item.key, item)
    queue.weight += item.weight
  }
  function take(item: Item<Value>): void {
    item.queue.items.delete(item.key)
    item.queue.weight -= item.weight
  }
  function forget(item: Item<Value>): void {
    take(item)
    all.delete(item.key)
    evicted(item.value)
  }
  function haunt(key: string): void {
    ghosts.add(key)
    if (ghosts.size <= Math.max(16, all.size)) return
    for (const oldest of ghosts) {
      ghosts.delete(oldest)
      return
    }
  }
  function evictSmall(): void {
    for (const item of small.items.values()) {
      if (item.uses === 0) {
        forget(item)
        return haunt(item.key)
      }
      take(item)
      push(item, main)
      if (main.weight > capacity * (1 - SMALL_SHARE)) return evictMain()
    }
  }
  function evictMain(): void {
    for (const item of main.items.values()) {
      if (item.uses === 0) return forget(item)
      const uses = item.uses - 1
      take(item)
      push(item, main)
      item.uses = uses
    }
  }
  function makeRoom(weight: number): void {
    while (all.size > 0 && small.weight + main.weight + weight > capacity) {
      if (small.weight > capacity * SMALL_SHARE || main.items.size === 0) evictSmall()
      else evictMain()
    }
  }
  function remove(key: string): Item<Value> | undefined {
    const item = all.get(key)
    if (!item) return undefined
    take(item)
    all.delete(key)
    return item
  }

  return {
    touch(key) {
      const item = all.get(key)
      if (item && item.uses < MOST_USES) item.uses++
    },
    set(key, value, weight) {
      const before = remove(key)
      makeRoom(weight)
      const item: Item<Value> = { key, value, weight, uses: 0, queue: small }
      all.set(key, item)
      const known = ghosts.delete(key) || before?.queue === main
      push(item, known ? main : small)
      if (before) item.uses = before.uses
    },
    delete(key) {
      remove(key)
    },
    clear() {
      for (const queue of [small, main]) {
        queue.items.clear()
        queue.weight = 0
      }
      ghosts.clear()
      all.clear()
    },
    get size() {
      return all.size
    },
    get weight() {
      return small.weight + main.weight
    },
  }
}
