import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Journal, type Entered, type Replayed } from './journal.ts'

const directory = mkdtempSync(join(tmpdir(), 'shop-replay-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const replay: Replayed = { seed: 1, invoices: 3, lines: 9, quantity: 20, amount: 12_340, first: '2010-12-01T08:26:00', last: '2010-12-01T09:00:00' }
const entry = (n: number, changes: Partial<Entered> = {}): Entered => ({
  n,
  invoice: `53636${n}`,
  kind: 'sale',
  accepted: 2,
  refused: { 'no price': 1 },
  order: `order ${n}`,
  end: 'confirmed',
  ...changes,
})

test('what was done is known to the next run, and what it was answered', () => {
  const path = join(directory, 'known.jsonl')
  {
    using journal = new Journal(path, replay)
    expect(journal.isOpen).toBe(false)
    journal.opened()
    for (const one of [entry(0), entry(1, { end: 'sold out' }), entry(20_000, { kind: 'credit', order: null, end: null })]) journal.entered(one)
    journal.dispatched(0)
  }
  using journal = new Journal(path, replay)
  expect(journal.isOpen).toBe(true)
  expect([0, 1, 2, 20_000].map((n) => journal.isEntered(n))).toEqual([true, true, false, true])
  expect([0, 1].map((n) => [journal.isDispatched(n), journal.held(n)])).toEqual([
    [true, undefined],
    [false, undefined],
  ])
  expect(journal.told).toMatchObject({ invoices: 3, lines: 9, orders: 2, accepted: 4 })
  expect(Object.fromEntries(journal.told.refused)).toEqual({ 'no price': 3, 'sold out': 2 })
})

test('an entry that was being written when everything ended has not happened', () => {
  const path = join(directory, 'torn.jsonl')
  {
    using journal = new Journal(path, replay)
    journal.entered(entry(0))
  }
  appendFileSync(path, '{"n":1,"invoice":"5363')
  {
    using journal = new Journal(path, replay)
    expect([journal.isEntered(0), journal.isEntered(1), journal.held(0)]).toEqual([true, false, 'order 0'])
    journal.entered(entry(1))
  }
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4)
})

test('the journal of another replay is left alone', () => {
  const path = join(directory, 'other.jsonl')
  new Journal(path, replay)[Symbol.dispose]()
  expect(() => new Journal(path, { ...replay, seed: 2 })).toThrow('belongs to another replay')
})
