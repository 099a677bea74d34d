import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareFigures } from './compare.ts'
import { readExpected } from './expected.ts'
import { invoicesOf } from './file.ts'
import { csvOf, generate, type Row } from './generate.ts'
import { plainFigures } from './plain-figures.ts'
import { survey } from './survey.ts'

const rows = [...generate(300, 1)]

test('the seed decides everything', () => {
  expect([...generate(300, 1)]).toEqual(rows)
  expect([...generate(300, 2)]).not.toEqual(rows)
})

test('every kind of dirt is there', () => {
  const byInvoice = Map.groupBy(rows, ([invoice]) => invoice!)
  const codes = new Set(rows.map(([, , code]) => code!))
  const dirt: Record<string, (row: Row) => boolean> = {
    'a credit': ([invoice]) => invoice!.startsWith('C'),
    'a credit without a customer': ([invoice, , , , , , , customer]) => invoice!.startsWith('C') && customer === '',
    'a credit of a service': ([invoice, , code]) => invoice!.startsWith('C') && code === 'M',
    'an adjustment below nothing': ([invoice, , , , , , price]) => invoice!.startsWith('A') && price!.startsWith('-'),
    'a price of nothing': ([, , , , , , price]) => Number(price) === 0,
    'a price below nothing on a sale': ([invoice, , , , , , price]) => /^\d/.test(invoice!) && Number(price) < 0,
    'a fraction of a cent': ([, , , , , , price]) => /\.\d{3}$/.test(price!),
    'a sale below nothing': ([invoice, , , , quantity]) => /^\d/.test(invoice!) && Number(quantity) < 0,
    'codes that differ in case': ([, , code]) => code !== code!.toUpperCase() && codes.has(code!.toUpperCase()),
    'a code that is no product': ([, , code]) => code === 'POST',
    'no customer': ([, , , , , , , customer]) => customer === '',
    'no description': ([, , , description]) => description === '',
    'a quote, a comma and a pound sign': ([, , , description]) => /["£]/.test(description!),
    'two times in an invoice': ([invoice, , , , , at]) => byInvoice.get(invoice!)!.some((row) => row[5] !== at),
    'the same line again': (row) => byInvoice.get(row[0]!)!.filter((other) => other.with(1, '').join() === row.with(1, '').join()).length > 1,
  }
  for (const [kind, is] of Object.entries(dirt)) expect(rows.filter(is).length, kind).toBeGreaterThan(0)
  const apart = rows.filter(([invoice, line], index) => line !== '1' && rows[index - 1]![0] !== invoice)
  expect(apart.length, 'an invoice whose lines are not together').toBeGreaterThan(0)
})

test.each([1, 2, 3])('a file comes to the same in whatever way it is added up, seed %d', async (seed) => {
  const directory = await mkdtemp(join(tmpdir(), 'shop-replay-'))
  try {
    const [path, expected] = [join(directory, 'orders.csv'), join(directory, 'orders.expected.json')]
    const all = [...generate(400, seed)]
    await writeFile(path, csvOf(all))
    await writeFile(expected, JSON.stringify(plainFigures(all)))
    const { figures } = await survey(invoicesOf(path))
    const balances = compareFigures({ by: 'in the file', figures }, { by: 'expected', figures: await readExpected(expected) })
    expect(balances.flatMap(({ faults }) => faults)).toEqual([])
    expect(balances.map(({ what }) => what)).toEqual([
      '10 totals',
      'months: lines, invoices, credits, customers, quantity, amount',
      'countries: amount',
      'top 10 customers',
      'top 10 products',
    ])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
