import { expect, test } from 'vitest'
import { cycles } from './cycles.ts'

test('finds the shortest cycle through each file that is in none yet', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', ['a']],
    ['d', ['a']],
  ])
  expect(cycles(graph)).toEqual([
    ['a', 'c', 'a'],
    ['b', 'c', 'a', 'b'],
  ])
})

test('finds a file that imports itself', () => {
  expect(cycles(new Map([['a', ['a']]]))).toEqual([['a', 'a']])
})

test('finds nothing in a tree', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', []],
  ])
  expect(cycles(graph)).toEqual([])
})
