import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '../testing/database.ts'

interface Tables {
  things: { id: number; name: string }
}

let db: TestDatabase
let reader: Kysely<Tables>
beforeAll(async () => {
  const migration = `
    create table things (id int primary key, name text not null);
    insert into things values (1, 'nut'), (2, 'bolt');
    create sequence numbers;
    create function sneak() returns int language sql volatile as $$ insert into things values (9, 'sneaked') returning id $$`
  db = await testDatabase({ migrations: [{ name: 'own', migrations: [{ id: 1, name: 'things', sql: migration }] }] })
  reader = db.database.reader<Tables>()
})
afterAll(() => db[Symbol.asyncDispose]())

const refused = { code: 'read_only' }

test('what reads is answered: plain selects, raw SQL, functions, CTEs', async () => {
  expect(await reader.selectFrom('things').selectAll().where('id', '=', 1).execute()).toEqual([{ id: 1, name: 'nut' }])
  expect(
    await reader
      .selectFrom('things')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow(),
  ).toEqual({ count: '2' })
  expect((await sql<{ name: string }>`select name from things where id = ${2}`.execute(reader)).rows).toEqual([{ name: 'bolt' }])
  expect(
    await reader
      .selectFrom('things')
      .select(sql<string>`upper(name)`.as('loud'))
      .orderBy('id')
      .execute(),
  ).toEqual([{ loud: 'NUT' }, { loud: 'BOLT' }])
  expect(
    await reader
      .with('first', (q) => q.selectFrom('things').selectAll().where('id', '=', 1))
      .selectFrom('first')
      .select('name')
      .execute(),
  ).toEqual([{ name: 'nut' }])
})

test('what writes is refused, however it is written', async () => {
  const ways: Record<string, () => Promise<unknown>> = {
    insert: () => reader.insertInto('things').values({ id: 3, name: 'x' }).execute(),
    update: () => reader.updateTable('things').set({ name: 'x' }).execute(),
    delete: () => reader.deleteFrom('things').execute(),
    structure: () => reader.schema.createTable('more').addColumn('id', 'integer').execute(),
    raw: () => sql`delete from things`.execute(reader),
    'raw within a select': () =>
      reader
        .selectFrom('things')
        .select(sql`nextval('numbers')`.as('n'))
        .execute(),
    'a CTE that deletes': () =>
      reader
        .with('gone', (q) => q.deleteFrom('things').returningAll())
        .selectFrom('gone')
        .selectAll()
        .execute(),
    'a function that writes': () => reader.selectNoFrom(({ fn }) => fn<number>('sneak').as('id')).execute(),
    'a row lock': () => reader.selectFrom('things').selectAll().forUpdate().execute(),
    'a transaction made writable': () =>
      reader
        .transaction()
        .setAccessMode('read write')
        .execute((tx) => tx.selectFrom('things').selectAll().execute()),
    'a delete within a transaction': () => reader.transaction().execute((tx) => sql`delete from things`.execute(tx)),
  }
  for (const [way, run] of Object.entries(ways)) expect({ [way]: await codeOf(run()) }).toEqual({ [way]: 'read_only' })
  expect(await reader.selectFrom('things').selectAll().execute()).toHaveLength(2)
})

test('raw SQL cannot leave the read-only transaction', async () => {
  await expect(sql`commit; delete from things`.execute(reader)).rejects.toThrow(/multiple commands/)
  await expect(sql`set transaction read write`.execute(reader)).rejects.toThrow(/must be set before any query/)
  const escape = reader.transaction().execute(async (tx) => {
    await sql`commit`.execute(tx)
    await sql`delete from things`.execute(tx)
  })
  await expect(escape).rejects.toMatchObject(refused)
  expect(await reader.selectFrom('things').selectAll().execute()).toHaveLength(2)
})

test('settings changed by raw SQL do not stay on the connection', async () => {
  await sql`set search_path = pg_catalog`.execute(reader)
  for (const { rows } of await Promise.all([1, 2, 3].map(() => db.database.pool.query<{ schema: string }>('select current_schema as schema'))))
    expect(rows).toEqual([{ schema: db.database.schema }])
})

test('a transaction reads one snapshot and gives its connection back', async () => {
  const seen = await reader
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const before = await tx.selectFrom('things').selectAll().execute()
      await db.database.pool.query("insert into things values (3, 'washer')")
      return [before.length, (await tx.selectFrom('things').selectAll().execute()).length]
    })
  expect(seen).toEqual([2, 2])
  await db.database.pool.query('delete from things where id = 3')
  await expect(reader.transaction().execute(() => Promise.reject(new Error('own')))).rejects.toThrow('own')
  await expect.poll(() => db.database.pool.totalCount - db.database.pool.idleCount).toBe(0)
})

test('a mistake in the SQL is told as the database tells it', async () => {
  await expect(sql`select * from nothing`.execute(reader)).rejects.toMatchObject({ code: '42P01' })
})

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'done',
    (error: { code?: unknown }) => error.code ?? error,
  )
}
