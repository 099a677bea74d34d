import type pg from 'pg'
import { commitUnits } from '../../src/events/commit.ts'
import type { NewEvent } from '../../src/events/event.ts'
import type { Expected, KeyRecord, StreamAppend, Unit } from '../../src/events/unit.ts'
import { uuidv7 } from '../../src/kernel/id.ts'

export function event(data = '{}'): NewEvent {
  return { id: uuidv7(), type: 'Happened', schema: 1, data, meta: '{"by":"test"}' }
}

export function append(stream: string, expected: Expected, count = 1, last?: string): StreamAppend {
  return { stream, expected, events: Array.from({ length: count }, () => event()), ...(last === undefined ? {} : { last }) }
}

export function unit(...streams: StreamAppend[]): Unit {
  return { tenant: 't', streams, sends: [] }
}

export function keyed(key: string, ...streams: StreamAppend[]): Unit {
  return { ...unit(...streams), key: record(key) }
}

export function record(key: string, result = '{"value": 1}'): KeyRecord {
  return { key, operation: 'place', tenant: 't', subject: 's', input: 'hash', result }
}

export function newStream(): string {
  return `order/${uuidv7()}`
}

/** The versions of a stream in the order of positions. */
export async function versionsOf(sql: pg.Pool, stream: string): Promise<number[]> {
  const { rows } = await sql.query<{ version: number }>('select version from banyan_events where stream = $1 order by position', [stream])
  return rows.map(({ version }) => version)
}

/** The kinds of the outcomes of one batch. */
export async function kindsOf(sql: pg.Pool, ...units: Unit[]): Promise<string[]> {
  return (await commitUnits(sql, units)).map(({ kind }) => kind)
}
