import { frameworkMigrations } from '../../src/events/framework-migrations.ts'
import { testDatabase, type TestDatabase } from '../../src/testing/database.ts'
import { slowCommits } from './dawdle.ts'

/** The service whose log is written, read and reacted to. */
export const service = 'orders'

/** How many counters the transactions of writers meet at. */
export const COUNTERS = 4

const tables = /* sql */ `
-- what subscriptions did, and as the how manieth for its stream; nothing here keeps the same effect from being written twice
create table effects (by text, stream text collate "C", version integer, event uuid, nth bigint);
create index effects_last on effects (by, stream, nth);

-- the SQL of their own that units write beside what they append
create table notes (unit uuid);
create table counters (id integer primary key, count integer not null default 0);
insert into counters select generate_series(0, ${COUNTERS - 1});

-- the journals of the writers, loaded at the end: a row for each event that a unit was to add
create table journal (unit uuid, event uuid, key uuid, way text, told text, same_as uuid);
`

/** A service's database with a log, and with tables for its effects and for what the laws compare. */
export function propertyDatabase(): Promise<TestDatabase> {
  return testDatabase({
    service,
    connections: 4,
    migrations: [
      { name: 'banyan', migrations: frameworkMigrations },
      { name: 'test', migrations: [{ id: 1, name: 'property', sql: tables + slowCommits }] },
    ],
  })
}
