import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { topologyOf } from './arguments.ts'
import { Ordeal } from './ordeal.ts'
import { plan } from './plan.ts'

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 200)
const { LONG, CRASH_SEED = '1', CRASH_SECONDS = '100000', CRASH_TOPOLOGY } = process.env
const long = LONG === '1'

if (long) {
  describe(`a shop that is killed ${ROUNDS} times, at every crash point (seed ${CRASH_SEED}), loses nothing and does nothing twice`, () => {
    let ordeal: Ordeal
    const end = performance.now() + Number(CRASH_SECONDS) * 1000
    beforeAll(async () => {
      ordeal = await Ordeal.begin(Number(CRASH_SEED))
    })
    afterAll(() => ordeal[Symbol.asyncDispose]())

    const rounds = plan(ROUNDS, Number(CRASH_SEED), topologyOf(CRASH_TOPOLOGY))
    test.for(rounds)('$victim at $at, visit $visit, topology $topology', { timeout: 180_000 }, async (round, { skip }) => {
      skip(performance.now() > end, `the ${CRASH_SECONDS} seconds are up`)
      expect(await ordeal.survive(round)).toEqual([])
    })
  })
} else {
  test(`${ROUNDS} crashes, at every crash point`, ({ skip }) => skip('they take minutes; `npm run crash:long` runs them'))
}
