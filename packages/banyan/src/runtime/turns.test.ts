import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Turns, type UnitTurns } from './turns.ts'

// nothing here may need the patience that ends a turn, except where its clock is moved
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const units = (turns: Turns, count: number) => Array.from({ length: count }, () => turns.begin())

test('units come one after the other, in the order they asked', async () => {
  const turns = new Turns()
  const [a, b, c] = units(turns, 3) as [UnitTurns, UnitTurns, UnitTurns]
  const order: string[] = []
  expect(a.take('s')).toBeUndefined()
  const second = b.take('s')!.then(() => order.push('b'))
  const third = c.take('s')!.then(() => order.push('c'))
  a.end()
  await second
  expect(order).toEqual(['b'])
  b.end()
  await third
  expect(order).toEqual(['b', 'c'])
  c.end()
  expect(turns.begin().take('s')).toBeUndefined()
})

test('units that would wait for each other do not wait, and know whose turn it is', async () => {
  const [a, b, c] = units(new Turns(), 3) as [UnitTurns, UnitTurns, UnitTurns]
  expect([a.take('x'), b.take('y'), c.take('z')]).toEqual([undefined, undefined, undefined])
  const next = a.take('y')
  expect(next).toBeInstanceOf(Promise)
  expect(b.take('z')).toBeInstanceOf(Promise)
  expect(c.take('x')).toBeUndefined()
  expect([a.trespass, b.trespass, c.trespass]).toEqual([undefined, undefined, 'x'])
  c.end()
  b.end()
  await next
  a.end()
  expect(c.trespass).toBeUndefined()
})

test('a circle is seen where a unit waits at several streams, and through those who wait before it', () => {
  const [a, b, c] = units(new Turns(), 3) as [UnitTurns, UnitTurns, UnitTurns]
  void a.take('x')
  void b.take('y')
  // waits at x and at y; the circle leads through the one that was asked for first
  void c.take('z')
  void c.takeAll(['x', 'y'])
  expect(a.take('z')).toBeUndefined()
  // it would be after c, which waits for it at y
  expect(b.take('x')).toBeUndefined()
})

test('a turn asked for twice is one turn', async () => {
  const [a, b] = units(new Turns(), 2) as [UnitTurns, UnitTurns]
  void a.take('s')
  const waiting = b.take('s')
  expect(b.take('s')).toBe(waiting)
  a.end()
  await waiting
})

test('who leaves while it waits is not waited for', async () => {
  const [a, b, c] = units(new Turns(), 3) as [UnitTurns, UnitTurns, UnitTurns]
  void a.take('s')
  void b.take('s')
  const third = c.take('s')
  b.end()
  a.end()
  await third
})

test('a turn that takes too long ends, but not because its unit waits for another', async () => {
  const [a, b, c] = units(new Turns(), 3) as [UnitTurns, UnitTurns, UnitTurns]
  void a.take('x')
  void b.take('y')
  let [second, third] = [false, false]
  void c.take('y')!.then(() => (third = true))
  void b.take('x')!.then(() => (second = true))
  await vi.advanceTimersByTimeAsync(999)
  expect([second, third]).toEqual([false, false])
  await vi.advanceTimersByTimeAsync(1)
  expect([second, third]).toEqual([true, false])
  b.end()
  await vi.advanceTimersByTimeAsync(0)
  expect(third).toBe(true)
  c.end()
  expect(vi.getTimerCount()).toBe(0)
})

const needs = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 40 })

test.each(['one after the other', 'all at once'] as const)('units that take %s come to an end, alone at what they waited for', async (how) => {
  let passed = 0
  const run = async (all: readonly (readonly number[])[]) => {
    const [turns, inside] = [new Turns(), new Set<number>()]
    const unit = async (streams: readonly number[]) => {
      const own = turns.begin()
      const together = how === 'all at once' ? own.takeAll(streams.map(String)) : undefined
      for (const stream of streams) await (together ?? own.take(String(stream)))
      if (own.trespass === undefined) {
        expect(streams.filter((stream) => inside.has(stream))).toEqual([])
        for (const stream of streams) inside.add(stream)
        await Promise.resolve()
        for (const stream of streams) inside.delete(stream)
      } else passed++
      own.end()
    }
    await Promise.all(all.map(unit))
    expect(vi.getTimerCount()).toBe(0)
  }
  await fc.assert(fc.asyncProperty(needs, run))
  if (how === 'all at once') expect(passed).toBe(0)
  else expect(passed).toBeGreaterThan(0)
})
