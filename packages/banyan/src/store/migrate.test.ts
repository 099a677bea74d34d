import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from '../testing/database.ts'
import type { Migration, MigrationSet } from './migration.ts'
import type { DatabaseServer } from './server.ts'

let server: DatabaseServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const set = (name: string, ...sql: string[]): MigrationSet => ({
  name,
  migrations: sql.map((text, index): Migration => ({
    id: index + 1,
    name: `step${index + 1}`,
    sql: text,
    file: `migrations/000${index + 1}_step${index + 1}.sql`,
  })),
})

let count = 0
async function service(): Promise<string> {
  const name = `s${++count}`
  await server.provision([name])
  return name
}

async function tables(name: string): Promise<unknown[]> {
  const { rows } = await server.admin.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = $1 and tablename <> 'banyan_migrations' order by 1`,
    [`${server.app}_${name}`],
  )
  return rows.map((row) => row.name)
}

test('sets are applied in order, once, and reported', async () => {
  const name = await service()
  const sets = [set('banyan', 'create table log (id int)'), set('own', 'create table a (id int)', 'create view ab as select log.id from log, a')]
  expect(await server.migrate(name, sets)).toEqual([
    { set: 'banyan', id: 1, name: 'step1' },
    { set: 'own', id: 1, name: 'step1' },
    { set: 'own', id: 2, name: 'step2' },
  ])
  expect(await server.migrate(name, sets)).toEqual([])
  await server.verify(name, sets)
  expect(await tables(name)).toEqual(['a', 'log'])
})

test('only what is missing is applied later', async () => {
  const name = await service()
  await server.migrate(name, [set('own', 'create table a (id int)')])
  const more = [set('own', 'create table a (id int)', 'create table b (id int)')]
  await expect(server.verify(name, more)).rejects.toMatchObject({
    code: 'migration_pending',
    message: expect.stringContaining('lacks own 0002_step2; run `banyan migrate`') as string,
  })
  expect(await server.migrate(name, more)).toEqual([{ set: 'own', id: 2, name: 'step2' }])
})

test('a schema that was never provisioned is pending, and says how to go on', async () => {
  await expect(server.verify('nobody', [set('own', 'select 1')])).rejects.toMatchObject({ code: 'migration_pending' })
  await expect(server.migrate('nobody', [set('own', 'select 1')])).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringMatching(/nobody_owner" does not exist/) as string,
  })
})

test('any number of processes may migrate at once; each migration runs once', async () => {
  const name = await service()
  const sets = [set('own', 'create table a (id int)', 'create table b (id int)', 'create table c (id int)')]
  const reports = await Promise.all([1, 2, 3, 4].map(() => server.migrate(name, sets)))
  expect(
    reports
      .flat()
      .map(({ id }) => id)
      .sort((a, b) => a - b),
  ).toEqual([1, 2, 3])
})

test('a failing migration is rolled back whole, named with file and line; those before it stay', async () => {
  const name = await service()
  const sets = [set('own', 'create table a (id int)', 'create table b (id int);\n-- “ü𝒳”\ninsert into\n  missing values (1);')]
  await expect(server.migrate(name, sets)).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringMatching(
      /own 0002_step2 of schema \w+ failed at migrations\/0002_step2\.sql:4 and was rolled back: relation "missing" does not exist/,
    ) as string,
    details: { set: 'own', id: 2, line: 4, file: 'migrations/0002_step2.sql' },
  })
  expect(await tables(name)).toEqual(['a'])
  expect(await server.migrate(name, [set('own', 'create table a (id int)', 'create table b (id int)')])).toHaveLength(1)
})

test('a failure without a position names the migration and the cause', async () => {
  const name = await service()
  await expect(server.migrate(name, [set('own', 'create table a (id int primary key); insert into a values (1), (1)')])).rejects.toThrow(
    /0001_step1\.sql and was rolled back: duplicate key .*; Key \(id\)=\(1\) already exists/,
  )
})

test('a migration that commits by itself is refused', async () => {
  const name = await service()
  await expect(server.migrate(name, [set('own', 'create table a (id int); commit')])).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('ends its transaction by itself') as string,
  })
})

test('a changed migration is refused, by migrate and by verify', async () => {
  const name = await service()
  await server.migrate(name, [set('own', 'create table a (id int)')])
  const changed = [set('own', 'create table a (id bigint)')]
  const refusal = { code: 'migration_changed', message: expect.stringContaining('0001_step1 (migrations/0001_step1.sql) is not what was applied') as string }
  await expect(server.migrate(name, changed)).rejects.toMatchObject(refusal)
  await expect(server.verify(name, changed)).rejects.toMatchObject(refusal)
})

test('a database ahead of the code is tolerated as far as the set says', async () => {
  const name = await service()
  await server.migrate(name, [set('banyan', 'select 1', 'select 2')])
  await server.verify(name, [{ ...set('banyan', 'select 1'), ahead: 1 }])
  await expect(server.verify(name, [set('banyan', 'select 1')])).rejects.toMatchObject({
    code: 'migration_changed',
    message: expect.stringMatching(/newer than this code: it has banyan migration 2, the code knows up to 1/) as string,
  })
  await expect(server.verify(name, [{ ...set('banyan'), ahead: 1 }])).rejects.toMatchObject({ code: 'migration_changed' })
})

test('migrations run as the owner of the schema and cannot reach another', async () => {
  const [mine, other] = [await service(), await service()]
  await server.migrate(other, [set('own', 'create table secret (id int)')])
  await expect(server.migrate(mine, [set('own', `drop table ${server.app}_${other}.secret`)])).rejects.toThrow(/permission denied/)
})
