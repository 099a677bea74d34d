import type { Sql } from '../../src/store/sql.ts'
import type { Choices } from './choices.ts'

/** A row makes the COMMIT of its transaction take so many milliseconds. */
export const slowCommits = /* sql */ `
create table slow_commits (ms integer);
create function take_time() returns trigger language plpgsql as 'begin perform pg_sleep(new.ms / 1000.0); return null; end';
create constraint trigger take_time after insert on slow_commits deferrable initially deferred for each row execute function take_time();
`

/** Lets a transaction take up to 20 milliseconds, now and then 200, with whatever it has locked: here, or within its COMMIT. */
export async function dawdle(transaction: Sql, choices: Choices): Promise<void> {
  const ms = choices.below(choices.chance(0.1) ? 200 : 20)
  await transaction.query(choices.chance(0.5) ? 'select pg_sleep($1::integer / 1000.0)' : 'insert into slow_commits values ($1)', [ms])
}
