import { commitUnits } from '../../src/events/commit.ts'
import type { NewEvent } from '../../src/events/event.ts'
import { frameworkMigrations } from '../../src/events/framework-migrations.ts'
import type { LogReader } from '../../src/events/log-feed.ts'
import { eventLog } from '../../src/events/log.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
import type { Sql } from '../../src/store/sql.ts'
import { testDatabase, type TestDatabase } from '../../src/testing/database.ts'

/** A service's database with the framework's tables and one of the test's own, `effects`, that takes the same effect twice. */
export function logDatabase(connections = 10): Promise<TestDatabase> {
  const sql = 'create table effects (n bigserial primary key, stream text, version integer, by text)'
  return testDatabase({
    connections,
    migrations: [
      { name: 'banyan', migrations: frameworkMigrations },
      { name: 'test', migrations: [{ id: 1, name: 'effects', sql }] },
    ],
  })
}

export function newEvent(type: string, schema = 1): NewEvent {
  const meta = { correlation: 'c', causation: 'c', causedBy: 'command', by: 'test', actor: 'test' }
  return { id: uuidv7(), type, schema, data: '{"n":1}', meta: JSON.stringify(meta) }
}

/** Appends an event for each stream named, as often as it is named; answers the last position in each partition. */
export async function append(sql: Sql, streams: readonly string[], type = 'Happened', schema = 1): Promise<Map<number, number>> {
  const events = Map.groupBy(
    streams.map((stream) => ({ stream, event: newEvent(type, schema) })),
    ({ stream }) => stream,
  )
  const appends = [...events].map(([stream, of]) => ({ stream, expected: 'any' as const, events: of.map(({ event }) => event) }))
  const [outcome] = await commitUnits(sql, [{ tenant: '', streams: appends, sends: [] }])
  if (outcome?.kind !== 'committed') throw new Error(`nothing was appended: ${JSON.stringify(outcome)}`)
  return new Map(outcome.positions.map(({ partition, position }) => [partition, position]))
}

/** A log that counts how often it is asked for its heads. */
export function countingLog(sql: Sql): LogReader & { readonly asked: { heads: number } } {
  const log = eventLog(sql)
  const asked = { heads: 0 }
  return {
    asked,
    heads: () => {
      asked.heads++
      return log.heads()
    },
    readAfter: (positions, types, limit) => log.readAfter(positions, types, limit),
  }
}
