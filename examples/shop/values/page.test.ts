import { expect, test } from 'vitest'
import { cut } from './page.ts'

const cursor = (item: string) => `after ${item}`

test('a page names the next one only where there is more', () => {
  expect(cut(['a', 'b', 'c'], 2, cursor)).toEqual({ items: ['a', 'b'], next: 'after b' })
  expect(cut(['a', 'b'], 2, cursor)).toEqual({ items: ['a', 'b'], next: null })
  expect(cut([], 2, cursor)).toEqual({ items: [], next: null })
})
