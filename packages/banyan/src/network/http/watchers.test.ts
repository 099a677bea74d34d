import { expect, test } from 'vitest'
import { Watchers } from './watchers.ts'

test('so many have their turn at once, in the order they came, whatever becomes of those before', async () => {
  const watchers = new Watchers(10, 2)
  const begun: number[] = []
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<number>())
  const turns = gates.map(({ promise }, index) =>
    watchers.turn(() => {
      begun.push(index)
      return promise
    }),
  )
  expect(begun).toEqual([0, 1])
  gates[1]!.reject(new Error('no'))
  await expect(turns[1]).rejects.toThrow('no')
  expect(begun).toEqual([0, 1, 2])
  for (const index of [0, 2, 3]) gates[index]!.resolve(index)
  expect(await Promise.all([turns[0], turns[2], turns[3]])).toEqual([0, 2, 3])
  expect(await watchers.turn(async () => 'free again')).toBe('free again')
})
