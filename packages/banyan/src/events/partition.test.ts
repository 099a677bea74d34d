import { expect, test } from 'vitest'
import { uuidv7 } from '../kernel/id.ts'
import { PARTITIONS } from './event.ts'
import { partitionOf } from './partition.ts'

test('partitions of known streams stay what they are', () => {
  expect(['', 'a', 'order/1', 'order/2', 'order/0192f0c1-7d5e-7c3a-9c1b-2f5a6e7d8c90', 'kunde/Jürgen', 'x/日本', 'x/🌳'].map(partitionOf)).toEqual([
    25, 32, 33, 20, 11, 16, 18, 57,
  ])
})

test('streams spread evenly', () => {
  const counts = Array.from({ length: PARTITIONS }, () => 0)
  for (let i = 0; i < 64_000; i++) counts[partitionOf(`order/${uuidv7()}`)]!++
  expect(Math.min(...counts)).toBeGreaterThan(800)
  expect(Math.max(...counts)).toBeLessThan(1200)
})
