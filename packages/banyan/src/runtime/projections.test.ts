import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { newEvent } from '../../test/events/log-database.ts'
import { readCheckpoints } from '../events/checkpoint.ts'
import type { FeedEvent } from '../events/feed.ts'
import { frameworkMigrations } from '../events/framework-migrations.ts'
import { seedSubscriptions } from '../events/lease-sql.ts'
import type { SubscriptionHandler } from '../events/subscription-handler.ts'
import { contract } from '../model/contract.ts'
import type { ProjectionContext, Setup } from '../model/context.ts'
import { event } from '../model/event.ts'
import { implement, postgres } from '../model/implement.ts'
import { readMigrations } from '../store/migration.ts'
import { testDatabase, type TestDatabase } from '../testing/database.ts'
import { projectionListenings } from './planned-subscriptions.ts'
import { ProjectionBatches, projectionHandler } from './projections.ts'
import { publisherOf } from './publish.ts'

const stock = contract('stock', { Counted: event(z.object({ sku: z.string(), quantity: z.number() })) })
interface Tables {
  totals: { sku: string; quantity: number; wide: number }
}
const key = { subscription: 'totals@1', source: 'stock' }
const directory = mkdtempSync(join(tmpdir(), 'banyan-projections-'))
let db: TestDatabase
beforeAll(async () => {
  writeFileSync(
    join(directory, '0001_totals.sql'),
    'create table totals (sku text primary key, quantity integer not null check (quantity < 1000), wide integer not null default 0)',
  )
  db = await testDatabase({ service: 'stock', migrations: [{ name: 'banyan', migrations: frameworkMigrations }, await readMigrations(directory, 'stock')] })
  await seedSubscriptions(db.database.pool, [key], 1)
})
afterAll(async () => {
  await db[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})
beforeEach(() => db.database.pool.query('delete from totals'))

/** What a projection does about a product that was counted. */
type Apply = (counted: { sku: string; quantity: number }, context: ProjectionContext<Setup<'stock', {}, Tables>>) => unknown

function handlerOf(apply: Apply): SubscriptionHandler {
  const { projection, service } = implement(stock, { store: postgres<Tables>({ migrations: directory }) })
  const totals = projection('totals', { version: 1 }, (on) => [on(stock.Counted, apply)])
  const { facts } = service({ handlers: {}, projections: [totals] })
  return projectionHandler(new ProjectionBatches(db.database, projectionListenings(facts, publisherOf(facts), totals)[0]!, undefined), () => undefined)
}

let position = 0
function counted(sku: string, quantity: number): FeedEvent {
  const { id, meta } = newEvent('Counted')
  position++
  return {
    id,
    stream: `@/${sku}`,
    version: 1,
    partition: 0,
    position,
    type: 'Counted',
    schema: 1,
    tenant: '',
    data: { sku, quantity },
    meta: JSON.parse(meta) as FeedEvent['meta'],
    at: new Date(),
  }
}

function handle(handler: SubscriptionHandler, events: readonly FeedEvent[]): Promise<unknown> {
  if (handler.kind !== 'batch') throw new Error('projections are handled in batches')
  return handler.handle(events, [{ ...key, partition: 0, epoch: 0, position: events.at(-1)!.position }], { attempt: 1, signal: new AbortController().signal })
}
const totals = async (): Promise<unknown> => (await db.database.pool.query('select sku, quantity from totals order by sku')).rows
const checkpoint = async (): Promise<number> => (await readCheckpoints(db.database.pool, key, [0]))[0]!.position

const upsert = 'insert into totals (sku, quantity) values ($1, $2) on conflict (sku) do update set quantity = totals.quantity + excluded.quantity'

test('a batch is committed with its checkpoint, and none of it where an event fails', async () => {
  const handler = handlerOf(({ sku, quantity }, { query }) => query(upsert, [sku, quantity]))
  await handle(handler, [counted('cup', 1), counted('tea', 2), counted('cup', 3)])
  const before = await checkpoint()
  expect(before).toBe(position)
  await expect(handle(handler, [counted('cup', 5), counted('tea', 1000), counted('pot', 1)])).rejects.toMatchObject({ code: '23514' })
  expect(await totals()).toEqual([
    { sku: 'cup', quantity: 4 },
    { sku: 'tea', quantity: 2 },
  ])
  expect(await checkpoint()).toBe(before)
})

test('functions that read before they write see what those before them wrote, also when they begin to do so late', async () => {
  const handler = handlerOf(async ({ sku, quantity }, { db: tables }) => {
    if (quantity > 0) return void (await tables.insertInto('totals').values({ sku, quantity, wide: 0 }).execute())
    const { quantity: found } = await tables.selectFrom('totals').select('quantity').where('sku', '=', sku).executeTakeFirstOrThrow()
    await tables
      .updateTable('totals')
      .set({ quantity: found * 2 })
      .where('sku', '=', sku)
      .execute()
  })
  await handle(handler, [counted('cup', 1), counted('tea', 2), counted('cup', 0), counted('cup', 0), counted('pot', 3), counted('cup', 0)])
  expect(await totals()).toEqual([
    { sku: 'cup', quantity: 8 },
    { sku: 'pot', quantity: 3 },
    { sku: 'tea', quantity: 2 },
  ])
})

test('a table that is given other columns meanwhile is no failure', async () => {
  const handler = handlerOf(({ sku, quantity }, { query }) => query(`${upsert} returning *`, [sku, quantity]))
  for (let i = 0; i < 3; i++) await handle(handler, [counted('cup', 1), counted('cup', 1)])
  await db.server.admin.query(`alter table "${db.database.schema}".totals drop column wide`)
  await handle(handler, [counted('cup', 1), counted('cup', 1)])
  expect(await totals()).toEqual([{ sku: 'cup', quantity: 8 }])
})
