import { quoted } from './names.ts'
import type { Sql } from './sql.ts'

/** Rows are sorted into so many buckets, so that where two tables differ only a part of them has to be read. */
const BUCKETS = 1024

/** A table, and what tells its rows apart: its primary key, else all of it. */
export interface TableShape {
  readonly name: string
  readonly key: readonly string[]
  /** Whether anything has ever been written to it; of a partitioned table that is not known, and is said to be so. */
  readonly written: boolean
}

export interface TableDigest {
  readonly rows: number
  /** Bucket → how many rows and the sum of their hashes. */
  readonly buckets: ReadonlyMap<number, string>
}

/** The tables of the schema that a role is in, without the framework's. */
export async function ownTables(sql: Sql): Promise<readonly TableShape[]> {
  const { rows } = await sql.query<{ name: string; written: boolean; key: string[] | null }>(
    `select c.relname as name, c.relkind = 'p' or pg_relation_size(c.oid) > 0 as written, (
       select array_agg(a.attname::text order by a.attnum) from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
       where i.indrelid = c.oid and i.indisprimary
     ) as key
     from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname !~ '^banyan_' order by 1`,
  )
  return rows.map(({ key, ...row }) => ({ ...row, key: key ?? [] }))
}

/** Hashes all rows of a table, in the database. */
export async function digestTable(sql: Sql, table: TableShape): Promise<TableDigest> {
  const { rows } = await sql.query<{ bucket: number; count: number; digest: string }>(
    `select bucket, count(*)::int as count, count(*) || ' ' || sum(hash) as digest from (
       select ${bucketOf(table)} as bucket, hashtextextended(to_jsonb(t)::text, 0)::numeric as hash from ${quoted(table.name)} t
     ) hashed group by bucket`,
  )
  return { rows: rows.reduce((sum, { count }) => sum + count, 0), buckets: new Map(rows.map(({ bucket, digest }) => [bucket, digest])) }
}

/** The buckets in which two tables do not have the same rows. */
export function differingBuckets(a: TableDigest, b: TableDigest): readonly number[] {
  return [...new Set([...a.buckets.keys(), ...b.buckets.keys()])].filter((bucket) => a.buckets.get(bucket) !== b.buckets.get(bucket)).sort((x, y) => x - y)
}

/** The rows of a bucket, as JSON. */
export async function bucketRows(sql: Sql, table: TableShape, bucket: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { rows } = await sql.query<{ row: Record<string, unknown> }>(`select to_jsonb(t) as row from ${quoted(table.name)} t where ${bucketOf(table)} = $1`, [
    bucket,
  ])
  return rows.map(({ row }) => row)
}

function bucketOf({ key }: TableShape): string {
  const told = key.length === 0 ? 'to_jsonb(t)' : `jsonb_build_array(${key.map((column) => `t.${quoted(column)}`).join(', ')})`
  return `(hashtextextended(${told}::text, 0) & ${BUCKETS - 1})::int`
}
