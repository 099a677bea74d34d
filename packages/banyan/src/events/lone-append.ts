import type { Sql } from '../store/sql.ts'
import { int4Array, jsonArray, textArray, uuidArray } from './binary-array.ts'
import { guarded, type CommitStyle } from './commit-style.ts'
import { partitionOf } from './partition.ts'
import type { Outcome, StreamAppend, Unit } from './unit.ts'

/** A unit that `banyan_append` can commit. */
export interface LoneAppend {
  readonly unit: Unit
  readonly append: StreamAppend
  readonly version: number
}

export function loneAppend(units: readonly Unit[]): LoneAppend | undefined {
  const [unit] = units
  const append = unit?.streams[0]
  if (!append || units.length > 1 || unit.streams.length > 1 || unit.sends.length > 0 || unit.checkpoint || append.events.length === 0) return undefined
  const version = append.expected === 'absent' ? 0 : append.expected
  return typeof version === 'number' ? { unit, append, version } : undefined
}

const statement =
  'select banyan_append($1, $2, $3, $4, $5, $6::uuid[], $7::text[], $8::int[], $9::json[], $10::json[], $11, $12, $13, $14, $15, $16) as position'

/** The outcome if the unit is added; nothing was changed if there is none. */
export async function commitLone(sql: Sql, { unit, append, version }: LoneAppend, style: CommitStyle): Promise<Outcome | undefined> {
  const { stream, last, events } = append
  const { tenant, key } = unit
  const partition = partitionOf(stream)
  const [ids, types, schemas] = [events.map(({ id }) => id), events.map(({ type }) => type), events.map(({ schema }) => schema)]
  const [datas, metas] = [events.map(({ data }) => data), events.map(({ meta }) => meta)]
  const columns =
    style === 'alone' ? [uuidArray(ids), textArray(types), int4Array(schemas), jsonArray(datas), jsonArray(metas)] : [ids, types, schemas, datas, metas]
  const record = key ? [key.key, key.operation, key.tenant, key.subject, key.input, key.result] : [null, null, null, null, null, null]
  const { rows } = await sql.query<{ position: string | null }>(guarded(statement, style), [
    partition,
    stream,
    version,
    last ?? null,
    tenant,
    ...columns,
    ...record,
  ])
  const position = rows[0]!.position
  return position === null ? undefined : { kind: 'committed', versions: [version + events.length], positions: [{ partition, position: Number(position) }] }
}
