import { afterAll, beforeAll, expect, test } from 'vitest'
import { testInstallation } from 'banyan/testing'
import { Fleet } from '../fleet/fleet.ts'
import type { Place } from '../fleet/place.ts'
import { random } from '../fleet/random.ts'
import { Supervisor } from '../fleet/supervisor.ts'
import { Trade } from './trade.ts'

/** Orders accepted before and after each kill. */
const SOME = 5

let place: Place
beforeAll(async () => {
  const installation = await testInstallation()
  place = { options: installation.options, killable: false, database: 'of the test run', [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose]() }
})
afterAll(() => place[Symbol.asyncDispose]())

test('each unit is killed in turn while orders flow: nothing is lost, and nothing happens twice', async () => {
  const fleet = await Fleet.at(place, { app: import.meta.resolve('./guarded-shop.ts'), topology: 'split' })
  await using supervisor = new Supervisor(fleet)
  const trade = await Trade.begin(() => fleet.urls, random(1), 4)
  const stop = new AbortController()
  const going = trade.goOn(stop.signal)
  const acceptMore = async () => {
    const enough = trade.book.count('accepted') + SOME
    await expect.poll(() => trade.book.count('accepted')).toBeGreaterThanOrEqual(enough)
  }
  for (const unit of fleet.units) {
    await supervisor.allOpen()
    await acceptMore()
    supervisor.kill([unit])
    await acceptMore()
  }
  stop.abort()
  await going
  await supervisor.allOpen()
  await trade.settle()
  await supervisor.quiet()
  const balances = await trade.audit(fleet.book)
  expect(balances.flatMap(({ what, faults }) => faults.map((fault) => `${what}: ${fault}`))).toEqual([])
  expect([supervisor.killed, supervisor.faults]).toEqual([fleet.units.length, []])
})
