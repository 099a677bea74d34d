import { expect, test } from 'vitest'
import { published, signing } from './signing-keys.ts'

const minute = (count: number) => new Date(Date.UTC(2026, 0, 1, 0, count))
const first = { generation: 1, signs_from: minute(0) }
const second = { generation: 2, signs_from: minute(100) }
const keys = [second, first]
const generations = (found: readonly { generation: number }[]) => found.map(({ generation }) => generation).sort((a, b) => a - b)

test('the newest key whose time has come signs', () => {
  expect([0, 99, 100, 500].map((at) => signing(keys, minute(at))?.generation)).toEqual([1, 1, 2, 2])
  expect(signing([], minute(0))).toBeUndefined()
})

test('a key is published before it signs, and for an hour after the last time', () => {
  expect(generations(published([first], minute(0)))).toEqual([1])
  expect(generations(published(keys, minute(99)))).toEqual([1, 2])
  expect(generations(published(keys, minute(159)))).toEqual([1, 2])
  expect(generations(published(keys, minute(160)))).toEqual([2])
  expect(published([], minute(0))).toEqual([])
})
