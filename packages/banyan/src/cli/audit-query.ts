import type { Sql } from '../store/sql.ts'

/** Something that somebody did, or was refused. */
export interface AuditEntry {
  readonly at: Date
  readonly decision: 'executed' | 'refused'
  readonly service: string
  readonly operation: string
  readonly subject: string
  readonly tenant: string
  /** The idempotency key of what was executed. */
  readonly key: string | null
  /** The rule that refused, and which parts of it were lacking. */
  readonly rule: string | null
  readonly lacks: readonly string[] | null
  /** The service that asked for what was refused; null: from outside. */
  readonly caller: string | null
  /** How often, in the moment before. */
  readonly times: number
}

export interface AuditFilter {
  readonly subject: string | undefined
  readonly tenant: string | undefined
  readonly operation: string | undefined
  readonly since: Date
  readonly refused: boolean
}

// keys are UUIDv7, so the time they begin with narrows the search; those that clients made otherwise lie behind all times
const entries = /* sql */ `
  select * from (
    select at, 'executed' as decision, operation, subject, tenant, key::text as key, null as rule, null::text[] as lacks, null as caller, 1 as times
    from banyan_keys where not $5 and key >= banyan_uuid_from($4::timestamptz - interval '1 day')
    union all
    select at, 'refused', operation, subject, tenant, null, rule, lacks, caller, times from banyan_refusals
  ) as entry
  where at >= $4 and ($1::text is null or subject = $1) and ($2::text is null or tenant = $2) and ($3::text is null or operation = $3)
  order by at desc limit $6`

/** The newest entries of a service that pass the filter, oldest first. Neither inputs nor answers are among what is read. */
export async function auditEntries(
  sql: Sql,
  service: string,
  { subject, tenant, operation, since, refused }: AuditFilter,
  limit: number,
): Promise<readonly AuditEntry[]> {
  const { rows } = await sql.query<AuditEntry>(entries, [subject ?? null, tenant ?? null, operation ?? null, since, refused, limit])
  return rows.reverse().map((row) => ({ ...row, service }))
}
