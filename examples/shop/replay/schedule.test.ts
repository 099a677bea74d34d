import { expect, test } from 'vitest'
import type { Invoice } from './invoice.ts'
import { scheduled } from './schedule.ts'

const invoice = (ordinal: number, clock: string, customer: string | null = 'ada', kind: Invoice['kind'] = 'sale'): Invoice => ({
  ordinal,
  number: String(ordinal),
  kind,
  customer,
  country: 'EIRE',
  at: `2010-12-01T${clock}:00`,
  lines: [],
})

async function plan(...invoices: Invoice[]): Promise<string[]> {
  const tasks = scheduled(
    (async function* () {
      yield* invoices
    })(),
  )
  const planned: string[] = []
  for await (const { does, lane, invoice } of tasks) planned.push(`${does} ${invoice.number} (${lane})`)
  return planned
}

test('a sale is dispatched before what comes more than an hour later, whoever’s that is', async () => {
  expect(await plan(invoice(0, '08:00'), invoice(1, '08:30', 'bo'), invoice(2, '09:00', 'ada', 'credit'), invoice(3, '09:01', 'cleo'))).toEqual([
    'enter 0 (ada)',
    'enter 1 (bo)',
    'enter 2 (ada)',
    'dispatch 0 (ada)',
    'enter 3 (cleo)',
    'dispatch 1 (bo)',
    'dispatch 3 (cleo)',
  ])
})

test('nobody waits for a customer whom nobody knows; only the dispatch waits for its sale', async () => {
  expect(await plan(invoice(0, '08:00', null), invoice(1, '08:00', null))).toEqual([
    'enter 0 (invoice 0)',
    'enter 1 (invoice 1)',
    'dispatch 0 (invoice 0)',
    'dispatch 1 (invoice 1)',
  ])
})
