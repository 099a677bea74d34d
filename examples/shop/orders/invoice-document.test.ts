import { expect, test } from 'vitest'
import { InvoiceDocument, refusalOfSale, type InvoiceLine } from './invoice-document.ts'

const line: InvoiceLine = { line: 1, sku: '85123a', description: 'WHITE HANGING HEART', quantity: 6, price: '2.55', at: '2010-12-01T08:26:00' }
const judged = (changes: Partial<InvoiceLine>) => refusalOfSale({ ...line, ...changes }, new Set(['85123A']))
const document = (lines: unknown[]) => InvoiceDocument.safeParse({ invoice: '536365', kind: 'sale', customerId: null, country: 'France', lines })

test('a line of a sale is accepted, or refused with a reason', () => {
  expect(judged({})).toBeNull()
  expect(judged({ price: '2.550' })).toBeNull()
  expect(judged({ sku: 'HAT-404' })).toBe('unknown product')
  expect(judged({ price: '0.00' })).toBe('no price')
  expect(judged({ price: '-11062.06' })).toBe('negative price')
  expect(judged({ price: '0.001' })).toBe('fraction of a cent')
  expect(judged({ quantity: 0 })).toBe('no quantity')
  expect(judged({ quantity: -6 })).toBe('no quantity')
})

test('a document may be odd, but not anything', () => {
  expect(document([line, { ...line, line: 2, quantity: -1, price: '-0.001', description: '' }]).success).toBe(true)
  expect(document([]).success).toBe(false)
  expect(document([line, line]).success).toBe(false)
  for (const wrong of [
    { price: '2,55' },
    { price: '1e3' },
    { at: '2010-13-01T08:26:00' },
    { at: '2010-12-01T08:26:00Z' },
    { quantity: 1_000_000, price: '999999999' },
  ])
    expect(document([{ ...line, ...wrong }]).success, JSON.stringify(wrong)).toBe(false)
})
