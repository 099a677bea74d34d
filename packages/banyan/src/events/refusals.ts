import type { Sql } from '../store/sql.ts'

/** The requests that a service's access rules refused. What was executed stands in `banyan_keys` and in the log; this is the other half of an audit. */
export const refusalTable = /* sql */ `
create table banyan_refusals (
  at timestamptz not null default clock_timestamp(),
  tenant text collate "C" not null,
  subject text collate "C" not null,
  operation text collate "C" not null,
  -- the service that asked, null where it came from outside
  caller text collate "C",
  rule text not null,
  lacks text[] not null,
  -- of the first of them
  traceparent text not null,
  -- how many alike in the moment before
  times integer not null
);
create index banyan_refusals_at on banyan_refusals (at);
`

/**
 * `banyan_forget_refusals`: removes rows older than 90 days, ten thousand at most, and answers how many. The service's role may not remove what
 * was written; this function, which may, takes no age, so that nobody who is that role can have it remove more.
 */
export const forgetRefusals = /* sql */ `
create function banyan_forget_refusals() returns int
language plpgsql security definer
as $banyan$
declare
  forgotten int;
begin
  delete from banyan_refusals where ctid = any (array(
    select ctid from banyan_refusals where at < clock_timestamp() - interval '90 days' order by at limit 10000 for update skip locked
  ));
  get diagnostics forgotten = row_count;
  return forgotten;
end $banyan$;

do $banyan$ begin
  execute format('alter function banyan_forget_refusals() set search_path to %I, pg_temp', current_schema());
  revoke execute on function banyan_forget_refusals() from public;
end $banyan$;
`

/** Requests that were refused alike. */
export interface RefusalRecord {
  readonly tenant: string
  readonly subject: string
  readonly operation: string
  readonly caller: string | undefined
  readonly rule: string
  readonly lacks: readonly string[]
  readonly traceparent: string
  readonly times: number
}

const insert = /* sql */ `
  insert into banyan_refusals (tenant, subject, operation, caller, rule, lacks, traceparent, times)
  select tenant, subject, operation, caller, rule, array(select jsonb_array_elements_text(lacks)), traceparent, times
  from jsonb_to_recordset($1::jsonb)
    as refused (tenant text, subject text, operation text, caller text, rule text, lacks jsonb, traceparent text, times int)`

/** Removes what is older than 90 days, piece by piece; how many rows there were. */
export async function forgetOldRefusals(sql: Sql): Promise<number> {
  for (let all = 0; ;) {
    const { rows } = await sql.query<{ forgotten: number }>('select banyan_forget_refusals() as forgotten')
    const { forgotten } = rows[0]!
    if (forgotten === 0) return all
    all += forgotten
  }
}

export async function recordRefusals(sql: Sql, refusals: readonly RefusalRecord[]): Promise<void> {
  await sql.query(insert, [JSON.stringify(refusals)])
}
