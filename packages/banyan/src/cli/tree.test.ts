import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { branches, forest, type Node } from './tree.ts'

interface Item {
  readonly id: string
  readonly cause?: string
}
const grow = (items: readonly Item[]): readonly Node<Item>[] =>
  forest(
    items,
    ({ id }) => id,
    ({ cause }) => cause,
  )
const drawn = (items: readonly Item[]): string =>
  branches(grow(items))
    .map(({ item, branch }) => `${branch}${item.id}`)
    .join('\n')

describe('a forest', () => {
  test('is drawn with its branches', () => {
    const items = [
      { id: 'placed' },
      { id: 'reserved', cause: 'placed' },
      { id: 'charged', cause: 'placed' },
      { id: 'paid', cause: 'reserved' },
      { id: 'alone' },
    ]
    expect(drawn(items)).toBe(['├─ placed', '│  ├─ reserved', '│  │  └─ paid', '│  └─ charged', '└─ alone'].join('\n'))
  })

  test('has items as roots whose cause is unknown', () => {
    expect(drawn([{ id: 'a', cause: 'elsewhere' }])).toBe('└─ a')
  })

  test('finds a cause that comes later', () => {
    expect(drawn([{ id: 'effect', cause: 'cause' }, { id: 'cause' }])).toBe('└─ cause\n   └─ effect')
  })

  test('breaks circles', () => {
    expect(
      drawn([
        { id: 'a', cause: 'b' },
        { id: 'b', cause: 'a' },
        { id: 'self', cause: 'self' },
      ]),
    ).toBe('├─ a\n│  └─ b\n└─ self')
  })

  test('has every item once, whatever caused what', () => {
    const anything = fc.uniqueArray(fc.record({ id: fc.constantFrom(...'abcdefgh'), cause: fc.constantFrom(...'abcdefghxy') }), { selector: ({ id }) => id })
    fc.assert(
      fc.property(anything, (items) => {
        const found = branches(grow(items)).map(({ item }) => item.id)
        expect([...found].sort()).toEqual(items.map(({ id }) => id).sort())
      }),
    )
  })
})
