import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareFigures } from './compare.ts'
import { readExpected } from './expected.ts'
import { invoicesOf } from './file.ts'
import { openingStock } from './opening.ts'
import { ABSENT, realData } from './real-data.ts'
import { survey } from './survey.ts'

const data = realData()

test('the real file comes to what is expected of it, to the thousandth', async ({ skip }) => {
  skip(data === undefined, ABSENT)
  const { figures, goods } = await survey(invoicesOf(join(data!, 'online-retail.csv.gz')))
  const expected = await readExpected(join(data!, 'online-retail.expected.json'))
  expect(compareFigures({ by: 'in the file', figures }, { by: 'expected', figures: expected }).flatMap(({ faults }) => faults)).toEqual([])
  const articles = openingStock(goods, 1)
  expect([goods.length, articles.length]).toEqual([3942, 3812])
  expect(articles.find(({ sku }) => sku === '85123A')).toMatchObject({ name: 'WHITE HANGING HEART T-LIGHT HOLDER', cents: 255 })
})

test('of its first day', async ({ skip }) => {
  skip(data === undefined, ABSENT)
  const { figures } = await survey(invoicesOf(join(data!, 'online-retail-2010-12-01.csv')))
  expect(figures).toMatchObject({ lines: 3108, first: '2010-12-01T08:26:00', last: '2010-12-01T17:35:00' })
})
