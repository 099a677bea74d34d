import { expect, test } from 'vitest'
import { searchOf } from './search.ts'

test('all words, the last of which may be only begun', () => {
  expect(searchOf('Smoked  pi')).toBe('smoked & pi:*')
  expect(searchOf('TEA-001')).toBe('tea & 001:*')
})

test('what would mean something to PostgreSQL is left out', () => {
  expect(searchOf("tea' | !mug:* <-> (")).toBe('tea & mug:*')
  expect(searchOf(' & ')).toBeUndefined()
})
