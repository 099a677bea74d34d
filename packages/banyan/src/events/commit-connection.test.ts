import { afterAll, beforeAll, expect, test } from 'vitest'
import { logDatabase } from '../../test/events/log-database.ts'
import { uuidv7 } from '../kernel/id.ts'
import type { TestDatabase } from '../testing/database.ts'
import { commitConnection } from './commit-connection.ts'
import { commitUnits } from './commit.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await logDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

/** How many statements the server keeps for a connection after appends, alone and together. */
async function kept(processId: (real: number) => number): Promise<number> {
  const client = (await db.database.connect()) as Awaited<ReturnType<typeof db.database.connect>> & { processID: number }
  client.processID = processId(client.processID)
  const connection = await commitConnection(client, true)
  const unit = () => ({
    tenant: '',
    streams: [{ stream: `order/${uuidv7()}`, expected: 0, events: [{ id: uuidv7(), type: 'T', schema: 1, data: '{}', meta: '{}' }] }],
    sends: [],
  })
  const outcomes = await Promise.all([
    commitUnits(connection, [unit()], 'alone'),
    commitUnits(connection, [unit(), unit()], 'alone'),
    commitUnits(connection, [unit()], 'alone'),
  ])
  expect(outcomes.flat().map(({ kind }) => kind)).toEqual(['committed', 'committed', 'committed', 'committed'])
  const { rows } = await client.query<{ count: number }>('select count(*)::int as count from pg_prepared_statements')
  await client.end()
  return rows[0]!.count
}

test('the server keeps the statements of a direct connection', async () => {
  expect(await kept((real) => real)).toBe(2)
})

test('nothing is kept in a server process that a pooler may give to others', async () => {
  expect(await kept((real) => real + 1)).toBe(0)
})
