import { expect, test } from 'vitest'
import { Fates, type Fate } from './fates.ts'
import { derivedId, timelessId, uuidv7 } from './id.ts'

const chaos = { seed: 7, latency: { rate: 0.5, ms: 10 }, errors: 0.1, drops: 0.2, duplicates: 0.3, crashes: 0.1 }
const chosen = (name: string) => derivedId(timelessId(Buffer.alloc(16, 1)), name)

test('the same seed and the same calls meet the same fates, another seed other ones', () => {
  const fatesOf = (seed: number) => {
    const fates = new Fates({ ...chaos, seed })
    return Array.from({ length: 100 }, () => fates.next(fates.begin('orders.place', uuidv7())))
  }
  expect(fatesOf(7)).toEqual(fatesOf(7))
  expect(fatesOf(7)).not.toEqual(fatesOf(8))
})

test('a call under a chosen key meets its fate whatever goes on beside it', () => {
  const keys = Array.from({ length: 50 }, (_, index) => chosen(`order ${index}`))
  const alone = new Fates(chaos)
  const expected = new Map(keys.map((key) => [key, alone.next(alone.begin('orders.place', key))]))
  const busy = new Fates(chaos)
  const met = new Map<string, Fate>()
  for (const key of keys.toReversed()) {
    busy.next(busy.begin('orders.cancel', uuidv7()))
    busy.next(busy.begin('orders.place', uuidv7()))
    met.set(key, busy.next(busy.begin('orders.place', key)))
  }
  expect([...met].reverse()).toEqual([...expected])
})

test('calls of other operations do not change the fate of a numbered one', () => {
  const alone = new Fates(chaos)
  const busy = new Fates(chaos)
  for (let call = 0; call < 50; call++) {
    busy.next(busy.begin('orders.cancel'))
    expect(busy.next(busy.begin('orders.place'))).toEqual(alone.next(alone.begin('orders.place')))
  }
})

test('the rates are met', () => {
  const fates = new Fates(chaos)
  const met = Array.from({ length: 10_000 }, () => fates.next(fates.begin('orders.place')))
  const share = (hit: (fate: Fate) => boolean) => met.filter(hit).length / met.length
  expect(share(({ delayMs }) => delayMs > 0)).toBeCloseTo(0.5, 1)
  expect(share(({ error }) => error)).toBeCloseTo(0.1, 1)
  expect(share(({ lost }) => lost === 'request')).toBeCloseTo(0.1, 1)
  expect(share(({ lost }) => lost === 'answer')).toBeCloseTo(0.1, 1)
  expect(share(({ twice }) => twice === 'in turn')).toBeCloseTo(0.15, 1)
  expect(share(({ crash }) => crash === 'after')).toBeCloseTo(0.05, 1)
  expect(Math.max(...met.map(({ delayMs }) => delayMs))).toBeLessThan(10)
})

test('each attempt has a fate of its own; where repeats are spared only the first can be lost', () => {
  const lostOf = (repeats: boolean) => {
    const fates = new Fates({ seed: 1, drops: 0.5, repeats })
    return Array.from({ length: 40 }, () => {
      const call = fates.begin('orders.place')
      return [fates.next(call), fates.next(call)].map(({ lost }) => lost !== undefined)
    })
  }
  expect(lostOf(true).some(([, second]) => second)).toBe(true)
  expect(lostOf(true).some(([first, second]) => first && !second)).toBe(true)
  expect(lostOf(false).some(([first]) => first)).toBe(true)
  expect(lostOf(false).some(([, second]) => second)).toBe(false)
})

test('a process that starts again does not die at the same call again', () => {
  const deaths = (life: number) => {
    const fates = new Fates({ seed: 7, crashes: 0.05, life })
    return Array.from({ length: 200 }, (_, index) => ({ index, ...fates.next(fates.begin('orders.place')) })).flatMap(({ index, crash }) =>
      crash === undefined ? [] : [index],
    )
  }
  expect(deaths(1)).toEqual(deaths(1))
  expect(deaths(1)[0]).not.toBe(deaths(2)[0])
})
