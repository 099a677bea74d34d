import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { systemClock, type Clock } from '../../src/kernel/clock.ts'
import type { Instance, Registry } from '../../src/network/discovery/registry.ts'

/** One registry as several processes see it. */
export interface Place extends AsyncDisposable {
  /** What a process opens; its waits pass as `clock` says. */
  join(leaseMs: number, clock: Clock): Registry
  /** Connections of those who joined that are open now, where the place can count them. */
  connections?(): Promise<number>
}

/** Under it nothing is renewed, as by a process that has crashed. */
const still: Clock = { ...systemClock, wait: (_ms, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })) }

interface Watched extends Disposable {
  readonly lists: (readonly Instance[])[]
  /** Ids of the last list, as the registry sorts them. */
  ids(): string[] | undefined
}

export function watched(registry: Registry, unit: string): Watched {
  const lists: (readonly Instance[])[] = []
  const watch = registry.watch(unit, (instances) => void lists.push(instances))
  return { lists, ids: () => lists.at(-1)?.map(({ id }) => id), [Symbol.dispose]: () => watch[Symbol.dispose]() }
}

export function instanceOf(unit: string, port: number): Instance {
  return { id: randomUUID(), unit, url: `http://127.0.0.1:${port}` }
}

/** No test waits for it to end: who is gone has left. */
const LONG_LEASE = 600_000
const SHORT_LEASE = 1_500
const patient = { timeout: 60_000, interval: 10 }

/** What every driver promises that instances announce themselves to. */
export function registryContract(open: () => Promise<Place>): void {
  async function with2(body: (one: Registry, other: Registry, unit: string, place: Place) => Promise<void>, leaseMs = LONG_LEASE): Promise<void> {
    await using place = await open()
    await using one = place.join(leaseMs, systemClock)
    await using other = place.join(leaseMs, systemClock)
    await body(one, other, `u${randomUUID().slice(0, 8)}`, place)
  }

  test('who is announced is seen by others, with all that was said of it', () =>
    with2(async (one, other, unit) => {
      const said = { ...instanceOf(unit, 3000), zone: 'a', weight: 2.5 }
      await one.announce(said)
      using seen = watched(other, unit)
      await vi.waitFor(() => expect(seen.lists).toEqual([[said]]), patient)
    }))

  test('the first list is the current one, also an empty one, and then each change comes once', () =>
    with2(async (one, other, unit) => {
      using seen = watched(other, unit)
      expect(seen.lists).toEqual([])
      await vi.waitFor(() => expect(seen.lists).toEqual([[]]), patient)
      const [first, second] = [instanceOf(unit, 3001), instanceOf(unit, 3002)]
      const announcement = await one.announce(first)
      await vi.waitFor(() => expect(seen.ids()).toEqual([first.id]), patient)
      await other.announce(second)
      await vi.waitFor(() => expect(seen.ids()).toEqual([first.id, second.id].sort()), patient)
      await announcement[Symbol.asyncDispose]()
      await announcement[Symbol.asyncDispose]()
      await vi.waitFor(() => expect(seen.ids()).toEqual([second.id]), patient)
      expect(seen.lists).toHaveLength(4)
    }))

  test('a second watcher is told what the first knows, and units are kept apart', () =>
    with2(async (one, other, unit) => {
      const said = instanceOf(unit, 3003)
      await one.announce(said)
      using first = watched(other, unit)
      await vi.waitFor(() => expect(first.ids()).toEqual([said.id]), patient)
      using second = watched(other, unit)
      using another = watched(other, `${unit}x`)
      await vi.waitFor(() => expect([second.lists, another.lists]).toEqual([[[said]], [[]]]), patient)
      expect(first.lists).toHaveLength(1)
    }))

  test('who renews stays, and who crashed is gone after its lease', () =>
    with2(async (one, other, unit, place) => {
      await using crashed = place.join(SHORT_LEASE, still)
      const [living, dead] = [instanceOf(unit, 3004), instanceOf(unit, 3005)]
      await one.announce(living)
      await crashed.announce(dead)
      using seen = watched(other, unit)
      await vi.waitFor(() => expect(seen.ids()).toContain(dead.id), patient)
      await vi.waitFor(() => expect(seen.ids()).toEqual([living.id]), patient)
      expect(seen.lists.every((list) => list.some(({ id }) => id === living.id))).toBe(true)
    }, SHORT_LEASE))

  test('a watch that was given up hears nothing more', () =>
    with2(async (one, other, unit) => {
      const given = watched(other, unit)
      using kept = watched(other, unit)
      await vi.waitFor(() => expect(given.lists).toHaveLength(1), patient)
      given[Symbol.dispose]()
      await one.announce(instanceOf(unit, 3006))
      await vi.waitFor(() => expect(kept.lists).toHaveLength(2), patient)
      expect(given.lists).toHaveLength(1)
    }))

  test('disposing leaves, ends all watches, and leaves no wait and no connection', () =>
    with2(async (_one, other, unit, place) => {
      let waits = 0
      const counting: Clock = { ...systemClock, wait: (ms, signal) => (waits++, systemClock.wait(ms, signal).finally(() => waits--)) }
      const before = await place.connections?.()
      const leaving = place.join(LONG_LEASE, counting)
      const said = instanceOf(unit, 3007)
      await leaving.announce(said)
      const own = watched(leaving, unit)
      await vi.waitFor(() => expect(own.ids()).toEqual([said.id]), patient)
      await leaving[Symbol.asyncDispose]()
      const heard = own.lists.length
      expect(waits).toBe(0)
      using seen = watched(other, unit)
      await vi.waitFor(() => expect(seen.ids()).toEqual([]), patient)
      expect(own.lists).toHaveLength(heard)
      if (before !== undefined) await vi.waitFor(async () => expect(await place.connections?.()).toBeLessThanOrEqual(before + 1), patient)
    }))
}
