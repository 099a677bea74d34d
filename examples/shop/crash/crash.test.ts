import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Ordeal } from './ordeal.ts'
import type { Round } from './plan.ts'

/** One round of each kind; `npm run crash:long` has all of them. */
const rounds: readonly Round[] = [
  { at: 'commit.sent', visit: 3, topology: 'one', victim: 'all' },
  { at: 'transaction.appended', visit: 2, topology: 'one', victim: 'all' },
  { at: 'reaction.after', visit: 4, topology: 'one', victim: 'all' },
  { at: 'projection.applied', visit: 2, topology: 'one', victim: 'all' },
  { at: 'send.executed', visit: 3, topology: 'one', victim: 'all' },
  { at: 'request.executed', visit: 2, topology: 'one', victim: 'all' },
  { at: 'charge', visit: 2, topology: 'one', victim: 'all' },
  { at: 'migration.run', visit: 3, topology: 'one', victim: 'all' },
  { at: 'all of it', visit: 5, topology: 'one', victim: 'the database' },
  { at: 'call.executed', visit: 2, topology: 'split', victim: 'sales' },
  { at: 'send.executed', visit: 3, topology: 'split', victim: 'stock' },
]

describe('a shop that is killed loses nothing and does nothing twice', () => {
  let ordeal: Ordeal
  beforeAll(async () => {
    ordeal = await Ordeal.begin(1)
  })
  afterAll(() => ordeal[Symbol.asyncDispose]())

  test.each(rounds)('$victim at $at, visit $visit, topology $topology', { timeout: 180_000 }, async (round) => {
    expect(await ordeal.survive(round)).toEqual([])
  })
})
