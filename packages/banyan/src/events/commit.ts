import type { Sql } from '../store/sql.ts'
import { Batch, type BatchColumns } from './batch.ts'
import { int4Array, jsonArray, textArray, uuidArray } from './binary-array.ts'
import { commitLone, loneAppend } from './lone-append.ts'
import type { Outcome, Unit } from './unit.ts'

/** How parameters travel: `arrays`, which every driver understands, or `binary`, which is faster and understood by node-postgres. */
export type Encoding = 'arrays' | 'binary'

/**
 * Commits units, each with its own outcome, in the order given: a later unit may build on an earlier one. On a connection without a
 * transaction they are durable when it answers. Within a transaction it must be the last statement before COMMIT, since it locks
 * partitions of the log until then; after any outcome but `committed` roll back. Throws what the driver throws; then nothing was added,
 * unless the connection broke.
 */
export async function commitUnits(sql: Sql, units: readonly Unit[], encoding: Encoding = 'arrays'): Promise<Outcome[]> {
  const lone = loneAppend(units)
  const outcome = lone && (await commitLone(sql, lone, encoding))
  if (outcome) return [outcome]
  const batch = new Batch(units)
  const { rows } = await sql.query<{ answer: string }>(commitStatement, parameters(batch.columns(), encoding))
  return batch.outcomes(rows[0]!.answer)
}

const commitStatement = 'select banyan_commit($1::int[], $2::text[], $3::uuid[], $4::json[]) as answer'

function parameters({ ints, texts, uuids, jsons }: BatchColumns, encoding: Encoding): unknown[] {
  return encoding === 'binary' ? [int4Array(ints), textArray(texts), uuidArray(uuids), jsonArray(jsons)] : [ints, texts, uuids, jsons]
}
