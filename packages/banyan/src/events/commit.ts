import type { Sql } from '../store/sql.ts'
import { Batch, type BatchColumns } from './batch.ts'
import { int4Array, jsonArray, textArray, uuidArray } from './binary-array.ts'
import { guarded, type CommitStyle } from './commit-style.ts'
import { commitLone, loneAppend } from './lone-append.ts'
import type { Outcome, Unit } from './unit.ts'

/**
 * Commits units, each with its own outcome, in the order given: a later unit may build on an earlier one. On a connection without a
 * transaction they are durable when it answers. Within a transaction it must be the last statement before COMMIT, since it locks
 * partitions of the log until then; after any outcome but `committed` roll back. A transaction that does not come to its end is ended by
 * the server after ten seconds. Throws what the driver throws; then nothing was added, unless the connection broke.
 */
export async function commitUnits(sql: Sql, units: readonly Unit[], style: CommitStyle = 'within'): Promise<Outcome[]> {
  const lone = loneAppend(units)
  const outcome = lone && (await commitLone(sql, lone, style))
  if (outcome) return [outcome]
  const batch = new Batch(units)
  const { rows } = await sql.query<{ answer: string }>(
    guarded('select banyan_commit($1::int[], $2::text[], $3::uuid[], $4::json[]) as answer', style),
    parameters(batch.columns(), style),
  )
  return batch.outcomes(rows[0]!.answer)
}

function parameters({ ints, texts, uuids, jsons }: BatchColumns, style: CommitStyle): unknown[] {
  return style === 'alone' ? [int4Array(ints), textArray(texts), uuidArray(uuids), jsonArray(jsons)] : [ints, texts, uuids, jsons]
}
