import { expect, test } from 'vitest'
import { style } from './style.ts'
import { length, shorten, table } from './table.ts'

const { red } = style(true)

test('columns stand below each other, and nothing is at the end of a line', () => {
  expect(
    table(
      [
        ['a', 'bb', ''],
        ['aaa', 'b', 'c'],
      ],
      { head: ['X', 'Y', 'Z'], indent: '> ' },
    ),
  ).toBe('> X    Y   Z\n> a    bb\n> aaa  b   c\n')
})

test('colours take no room', () => {
  expect(length(red('four'))).toBe(4)
  expect(
    table([
      [red('a'), 'b'],
      ['aa', 'b'],
    ]),
  ).toBe(`${red('a')}   b\naa  b\n`)
})

test('lines are cut to the width, with their colours', () => {
  expect(shorten('abcdef', 4)).toBe('abc…')
  expect(shorten('abcd', 4)).toBe('abcd')
  expect(shorten(red('abcdef'), 4)).toBe(`${red('abc')}…`)
  expect(table([['a', 'bcdef']], { width: 5 })).toBe('a  b…\n')
})

test('tables that continue each other keep their columns', () => {
  const widths: number[] = []
  expect(table([['long', 'x']], { widths })).toBe('long  x\n')
  expect(table([['s', 'x']], { widths })).toBe('s     x\n')
})

test('a column in which nothing stands takes no room', () => {
  expect(
    table([
      ['a', '', 'b'],
      ['c', '', 'd'],
    ]),
  ).toBe('a  b\nc  d\n')
})

test('nothing is a table of no lines', () => {
  expect(table([])).toBe('')
})
