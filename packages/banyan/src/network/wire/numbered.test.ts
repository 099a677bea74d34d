import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Numbered } from './numbered.ts'

describe('numbered values', () => {
  it('keeps what a map would keep, under numbers that no two have', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(400)), { maxLength: 1_000 }), (steps) => {
        const numbered = new Numbered<{ step: number }>()
        const map = new Map<number, { step: number }>()
        for (const [step, what] of steps.entries()) {
          if (what === 'add') {
            const value = { step }
            const number = numbered.add(value)
            expect(map.has(number)).toBe(false)
            map.set(number, value)
          } else {
            expect(numbered.take(what)).toBe(map.get(what))
            map.delete(what)
          }
          expect(numbered.size).toBe(map.size)
        }
        expect(new Map(numbered)).toEqual(map)
      }),
    )
  })

  it('keeps what stays for long beside much that goes at once', () => {
    const numbered = new Numbered<object>()
    const lasting = { stays: true }
    const number = numbered.add(lasting)
    const seen = new Set([number])
    for (let call = 0; call < 10_000; call++) {
      const next = numbered.add({ call })
      expect(seen.has(next)).toBe(false)
      seen.add(next)
      expect(numbered.take(next)).toEqual({ call })
      expect(numbered.take(next)).toBeUndefined()
    }
    expect([...numbered]).toEqual([[number, lasting]])
    expect(numbered.take(number)).toBe(lasting)
  })

  it('leaves out what is taken while it is gone through', () => {
    const numbered = new Numbered<{ name: string }>()
    const numbers = ['first', 'second', 'third'].map((name) => numbered.add({ name }))
    const seen: string[] = []
    for (const [, { name }] of numbered) {
      seen.push(name)
      numbered.take(numbers[1]!)
    }
    expect(seen).toEqual(['first', 'third'])
  })
})
