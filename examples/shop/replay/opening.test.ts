import { expect, test } from 'vitest'
import { isGoods } from './goods.ts'
import { cardOf, openingStock } from './opening.ts'
import type { Good } from './survey.ts'

test('goods have numbers of goods', () => {
  expect(['85123A', '22197', '15056BL', 'DCGS0003', 'DCGSSBOY', 'DCGS0066P'].filter((code) => !isGoods(code))).toEqual([])
  const others = ['POST', 'DOT', 'C2', 'M', 'D', 'S', 'B', 'BANK CHARGES', 'AMAZONFEE', 'CRUK', 'PADS', 'GIFT_0001_20', '']
  expect(others.filter(isGoods)).toEqual([])
})

const goods: readonly Good[] = Array.from({ length: 400 }, (_, index) => ({
  sku: String(10_000 + index),
  name: index === 0 ? '' : 'TIN',
  cents: 100,
  demand: index,
}))

test('the shelves hold what is asked for, but for a few products that sell little', () => {
  const articles = openingStock(goods, 1)
  const short = articles.filter(({ pieces }, index) => pieces < index)
  expect(short.every(({ pieces, sku }) => pieces === 0 && Number(sku) < 10_100)).toBe(true)
  expect(short.length).toBeGreaterThan(2)
  expect(openingStock(goods, 1)).toEqual(articles)
  expect(openingStock(goods, 2)).not.toEqual(articles)
  expect(articles[0]).toMatchObject({ name: '10000' })
})

test('what was never sold for money is not listed', () => {
  expect(openingStock([{ sku: '10000', name: 'TIN', cents: undefined, demand: 9 }], 1)).toEqual([])
})

test('about one card in fifty is declined, the same ones every time', () => {
  const cards = Array.from({ length: 5_000 }, (_, index) => cardOf(String(536_365 + index), 1))
  const declined = cards.filter((card) => card === 'tok_declined').length
  expect(declined > 50 && declined < 150).toBe(true)
  expect(new Set(cards)).toEqual(new Set(['tok_ok', 'tok_declined', 'tok_twice', 'tok_slow']))
  expect(cardOf('536365', 1)).toBe(cards[0])
})
