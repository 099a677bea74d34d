import { isDeepStrictEqual } from 'node:util'
import type { Sql } from './sql.ts'
import { bucketRows, differingBuckets, digestTable, type TableShape } from './table-digest.ts'

type Row = Readonly<Record<string, unknown>>

/** A row that is not the same in both; `undefined` where it is not there. */
export interface RowDifference {
  readonly key: Row
  readonly left: Row | undefined
  readonly right: Row | undefined
}

export interface TableComparison {
  readonly table: string
  readonly left: number
  readonly right: number
  /** Rows that are not the same, or not in both. */
  readonly differing: number
  /** There are more than that: they were not all counted. */
  readonly more: boolean
  /** The first few of them, with those columns only that differ. */
  readonly shown: readonly RowDifference[]
}

/** Where so many rows differ, no more are looked for. */
const ENOUGH = 1_000
const SHOWN = 5

/** Compares a table of two schemas. What differs is found by hashes in the databases, so that equal tables are never read over the network. */
export async function compareTables(left: Sql, right: Sql, table: TableShape): Promise<TableComparison> {
  const [a, b] = await Promise.all([digestTable(left, table), digestTable(right, table)])
  const found: RowDifference[] = []
  const buckets = differingBuckets(a, b)
  let looked = 0
  for (; looked < buckets.length && found.length < ENOUGH; looked++) {
    const bucket = buckets[looked]!
    const [ours, theirs] = await Promise.all([bucketRows(left, table, bucket), bucketRows(right, table, bucket)])
    found.push(...rowDifferences(ours, theirs, table.key))
  }
  return { table: table.name, left: a.rows, right: b.rows, differing: found.length, more: looked < buckets.length, shown: found.slice(0, SHOWN) }
}

function rowDifferences(left: readonly Row[], right: readonly Row[], key: readonly string[]): RowDifference[] {
  const nameOf = (row: Row) => JSON.stringify(key.length === 0 ? row : key.map((column) => row[column]))
  const [ours, theirs] = [Map.groupBy(left, nameOf), Map.groupBy(right, nameOf)]
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name) => {
    const [here, there] = [ours.get(name) ?? [], theirs.get(name) ?? []]
    // without a primary key a row may be there several times
    return Array.from({ length: Math.max(here.length, there.length) }, (_, nth) => difference(here[nth], there[nth], key)).filter(
      (found) => found !== undefined,
    )
  })
}

function difference(left: Row | undefined, right: Row | undefined, key: readonly string[]): RowDifference | undefined {
  if (isDeepStrictEqual(left, right)) return undefined
  const row = (left ?? right)!
  const named = Object.fromEntries(key.map((column) => [column, row[column]]))
  if (!left || !right) return { key: named, left, right }
  const columns = Object.keys(row).filter((column) => !isDeepStrictEqual(left[column], right[column]))
  const only = (of: Row) => Object.fromEntries(columns.map((column) => [column, of[column]]))
  return { key: named, left: only(left), right: only(right) }
}
