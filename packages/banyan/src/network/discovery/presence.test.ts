import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { presence } from './presence.ts'
import type { Instance, Registry } from './registry.ts'

const instance: Instance = { id: 'stock@1', unit: 'stock', url: 'http://127.0.0.1:1' }

/** A unit of which `tell` says the instances, and a clock that stands until it is told to go on. */
function watched() {
  let tell: (instances: readonly Instance[]) => void = () => undefined
  let now = 0
  const asked: number[] = []
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    wait(ms, signal) {
      asked.push(ms)
      return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
  const registry = { watch: (_unit: string, changed: typeof tell) => ((tell = changed), { [Symbol.dispose]: () => undefined }) } as unknown as Registry
  const known = presence({ unit: 'stock', registry, clock })
  known.watch(() => undefined)
  return { known, tell: (list: readonly Instance[]) => tell(list), asked, at: (ms: number) => (now = ms) }
}
const signal = new AbortController().signal
const waiting = { name: 'catalog.list', signal }

test('nothing waits where an instance is known', () => {
  const { known, tell } = watched()
  tell([instance])
  expect(known.wait(waiting)).toBeUndefined()
})

test('who waits goes on as soon as the first instance comes', async () => {
  const { known, tell } = watched()
  const wait = known.wait(waiting)
  tell([])
  tell([instance])
  await expect(wait).resolves.toBeUndefined()
})

test('the wait takes what is left of the patience, and at most half of the time left', () => {
  const { known, asked, at } = watched()
  at(1_000)
  void known.wait(waiting)
  void known.wait({ ...waiting, deadline: Deadline.in(600) })
  expect(asked[0]).toBe(4_000)
  expect(asked[1]).toBeGreaterThan(0)
  expect(asked[1]).toBeLessThanOrEqual(300)
})

test('once nobody was there for the patience, calls fail at once; a unit that was there is waited for anew', async () => {
  const { known, tell, asked, at } = watched()
  at(5_000)
  await expect(known.wait(waiting)).rejects.toMatchObject({ code: 'unavailable', executed: 'no', message: expect.stringContaining('has not said yet') })
  tell([])
  await expect(known.wait(waiting)).rejects.toMatchObject({ message: expect.stringMatching(/^catalog\.list: unit 'stock' cannot be called, no instance/) })
  expect(asked).toEqual([])
  tell([instance])
  at(60_000)
  tell([])
  void known.wait(waiting)
  expect(asked).toEqual([5_000])
})

test('a caller who gives up waits no longer', async () => {
  const { known } = watched()
  const caller = new AbortController()
  const wait = known.wait({ name: 'catalog.list', signal: caller.signal })
  caller.abort()
  await expect(wait).rejects.toMatchObject({ code: 'cancelled', executed: 'no' })
})
