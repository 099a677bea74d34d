import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imbalances, readLedgers } from '../ledgers.ts'
import { seed } from '../seed.ts'
import { accounts } from './accounts.ts'
import { afterSales } from './after-sales.ts'
import { fulfilment } from './fulfilment.ts'
import { frontDoor } from './front-door.ts'
import { notices } from './notices.ts'
import type { OpenShop } from './open.ts'
import { secondFactors } from './second-factors.ts'
import { till } from './till.ts'
import { visit, type Visit } from './visit.ts'

/** Everything that is expected of the shop, however it is divided. */
export function scenarios(runner: string, open: () => Promise<OpenShop>): void {
  describe(`the shop under ${runner}`, () => {
    let shop: OpenShop
    let visitor: Visit
    beforeAll(async () => {
      shop = await open()
      visitor = visit(shop)
      await seed(shop.call)
      await shop.quiet()
    })
    afterAll(() => shop[Symbol.asyncDispose]())

    describe('orders', () => fulfilment(() => visitor))
    describe('shipments and returns', () => afterSales(() => visitor))
    describe('the till', () => till(() => visitor))
    describe('over HTTP', () => frontDoor(() => visitor))
    describe('notifications', () => notices(() => visitor))
    describe('accounts', () =>
      accounts(
        () => visitor,
        () => shop.urls,
      ))

    describe('second factors', () => secondFactors(() => visitor))

    test('in the end every line, every piece and every cent is accounted for', async () => {
      await shop.quiet()
      expect(imbalances(await readLedgers(shop.call))).toEqual([])
    })
  })
}
