import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { invoicesOf } from './file.ts'
import type { Invoice } from './invoice.ts'
import { columns } from './sheet.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shop-replay-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const header = columns.join(',')
const line = (invoice: string, number: number, changes: Partial<Record<(typeof columns)[number], string>> = {}) => {
  const usual = {
    stock_code: '85123A',
    description: 'HEART',
    quantity: '6',
    invoice_date: '2010-12-01T08:26:00',
    unit_price: '2.55',
    customer_id: '17850',
    country: 'EIRE',
  }
  const fields: Record<string, string> = { ...usual, invoice_no: invoice, line_no: String(number), ...changes }
  return columns.map((column) => fields[column]).join(',')
}
async function read(content: string | Uint8Array, { name = 'orders.csv', limit = Infinity } = {}): Promise<Invoice[]> {
  await writeFile(join(directory, name), content)
  return all(invoicesOf(join(directory, name), limit))
}
async function all(invoices: AsyncIterable<Invoice>): Promise<Invoice[]> {
  const read: Invoice[] = []
  for await (const invoice of invoices) read.push(invoice)
  return read
}
const shape = (invoices: readonly Invoice[]) => invoices.map(({ number, lines }) => `${number}: ${lines.map((one) => one.line).join(' ')}`)

test('lines become invoices, packed or not', async () => {
  const text = `${[header, line('1', 1), line('1', 2, { unit_price: '-0.001' }), line('C2', 1, { customer_id: '' }), line('A3', 1)].join('\n')}\n`
  const invoices = await read(text)
  expect(shape(invoices)).toEqual(['1: 1 2', 'C2: 1', 'A3: 1'])
  expect(invoices.map(({ ordinal, kind, customer }) => [ordinal, kind, customer])).toEqual([
    [0, 'sale', '17850'],
    [1, 'credit', null],
    [2, 'adjustment', '17850'],
  ])
  expect(invoices[0]!.lines[1]).toMatchObject({ place: 3, sku: '85123A', quantity: 6, price: '-0.001', thousandths: -1 })
  expect(await read(gzipSync(text), { name: 'orders.csv.gz' })).toEqual(invoices)
  expect(shape(await read(text, { limit: 1 }))).toEqual(['1: 1 2'])
  expect(shape(await read(text, { limit: 2 }))).toEqual(['1: 1 2', 'C2: 1'])
})

test('columns come in any order', async () => {
  const reversed = [...columns].reverse()
  const row = line('1', 1).split(',').reverse().join(',')
  expect(await read(`${reversed.join(',')}\n${row}\n`)).toEqual(await read(`${header}\n${line('1', 1)}\n`))
})

test('an invoice goes on behind others, if they are few, and comes in the place of its first line', async () => {
  const few = Array.from({ length: 60 }, (_, index) => line(`C${index}`, 1))
  expect(shape(await read([header, line('1', 1), ...few, line('1', 2)].join('\n')))[0]).toBe('1: 1 2')
  const many = Array.from({ length: 70 }, (_, index) => line(`C${index}`, 1))
  await expect(read([header, line('1', 1), ...many, line('1', 2)].join('\n'))).rejects.toThrow(
    'line 73: invoice 1 begins with line 2; its other lines are missing',
  )
})

describe('what cannot be read is refused, with its line', () => {
  test.each([
    ['', 'line 1: the file is empty'],
    ['invoice_no,price\n', "line 1: there are columns nobody knows: 'price'; there is no column line_no, stock_code"],
    [`${header},country\n`, 'line 1: country stands there twice'],
    [`${header}\n1,2\n`, 'line 2: 2 fields, and the first line names 9 columns'],
    [`${header}\n${line('1', 1, { quantity: '1.5' })}`, "line 2: quantity is '1.5'; expected a whole number"],
    [`${header}\n${line('1', 1, { unit_price: '1.2345' })}`, "line 2: unit_price is '1.2345'; expected an amount with at most three decimals"],
    [`${header}\n${line('1', 1)}\n${line('1', 3)}`, 'line 3: line 3 of invoice 1 comes after its line 1 in line 2'],
    [
      `${header}\n${line('1', 1)}\n${line('1', 2, { customer_id: '1' })}`,
      "line 3: invoice 1 is for customer '1' in EIRE here, and for '17850' in EIRE in line 2",
    ],
  ])('%j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  test('bytes that are not UTF-8', async () => {
    await expect(read(Buffer.from(`${header}\n${line('1', 1, { description: '£' })}\n`, 'latin1'))).rejects.toThrow('that are not UTF-8')
  })

  test('what is packed and broken off', async () => {
    const packed = gzipSync(`${header}\n${line('1', 1)}\n`)
    await expect(read(packed.subarray(0, -12), { name: 'broken.csv.gz' })).rejects.toThrow('unexpected end of file')
    await expect(all(invoicesOf(join(directory, 'none.csv.gz')))).rejects.toThrow('ENOENT')
  })
})
