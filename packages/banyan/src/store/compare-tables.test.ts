import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testServer } from '../testing/database.ts'
import { compareTables, type TableComparison } from './compare-tables.ts'
import type { DatabaseServer } from './server.ts'
import type { ServiceDatabase } from './service-database.ts'
import { ownTables } from './table-digest.ts'

const sql = `
  create table keyed (a text, b integer, note text, primary key (a, b));
  create table bare (note text);
  create table untouched (n integer);`
let server: DatabaseServer
let sides: readonly [ServiceDatabase, ServiceDatabase]
beforeAll(async () => {
  server = await testServer()
  const names = ['left', 'right']
  await server.provision(names)
  for (const name of names) await server.migrate(name, [{ name, migrations: [{ id: 1, name: 'tables', sql }] }])
  sides = [server.open('left', { connections: 2 }), server.open('right', { connections: 2 })]
})
afterAll(() => server[Symbol.asyncDispose]())

const both = async (statement: string): Promise<void> => void (await Promise.all(sides.map(({ pool }) => pool.query(statement))))
async function compared(name: string): Promise<TableComparison> {
  const [left, right] = sides
  const table = (await ownTables(right.pool)).find((found) => found.name === name)
  return compareTables(left.pool, right.pool, table!)
}

test('tables are found with their keys, and whether they were written to', async () => {
  await sides[0].pool.query(`insert into keyed values ('a', 1, 'x')`)
  expect(await ownTables(sides[0].pool)).toEqual([
    { name: 'bare', key: [], written: false },
    { name: 'keyed', key: ['a', 'b'], written: true },
    { name: 'untouched', key: [], written: false },
  ])
  await sides[0].pool.query('delete from keyed')
})

describe('two tables', () => {
  test('are the same whatever the order of their rows', async () => {
    await sides[0].pool.query(`insert into keyed select 'a', n, 'x' from generate_series(1, 5000) n`)
    await sides[1].pool.query(`insert into keyed select 'a', n, 'x' from generate_series(5000, 1, -1) n`)
    expect(await compared('keyed')).toEqual({ table: 'keyed', left: 5000, right: 5000, differing: 0, more: false, shown: [] })
  })

  test('differ in rows that are changed, missing or added', async () => {
    await sides[0].pool.query(`update keyed set note = 'y' where b = 7`)
    await sides[0].pool.query('delete from keyed where b = 8')
    await sides[1].pool.query('delete from keyed where b = 9')
    const { shown, ...counts } = await compared('keyed')
    expect(counts).toEqual({ table: 'keyed', left: 4999, right: 4999, differing: 3, more: false })
    expect(shown).toHaveLength(3)
    expect(shown).toEqual(
      expect.arrayContaining([
        { key: { a: 'a', b: 7 }, left: { note: 'y' }, right: { note: 'x' } },
        { key: { a: 'a', b: 8 }, left: undefined, right: { a: 'a', b: 8, note: 'x' } },
        { key: { a: 'a', b: 9 }, left: { a: 'a', b: 9, note: 'x' }, right: undefined },
      ]),
    )
  })

  test('that differ everywhere are not read to their end', async () => {
    await sides[0].pool.query(`update keyed set note = 'z'`)
    const { differing, more, shown } = await compared('keyed')
    expect({ more, shown: shown.length }).toEqual({ more: true, shown: 5 })
    expect(differing).toBeGreaterThanOrEqual(1_000)
    expect(differing).toBeLessThan(4_999)
  })

  test('without a key are compared as rows that may be there several times', async () => {
    await both(`insert into bare values ('one'), ('two'), ('two')`)
    expect(await compared('bare')).toMatchObject({ differing: 0 })
    await sides[0].pool.query(`insert into bare values ('two')`)
    expect(await compared('bare')).toEqual({
      table: 'bare',
      left: 4,
      right: 3,
      differing: 1,
      more: false,
      shown: [{ key: {}, left: { note: 'two' }, right: undefined }],
    })
  })
})
