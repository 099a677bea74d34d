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

export async function recordRefusals(sql: Sql, refusals: readonly RefusalRecord[]): Promise<void> {
  await sql.query(insert, [JSON.stringify(refusals)])
}
