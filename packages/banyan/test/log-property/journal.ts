import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from '../../src/store/sql.ts'
import type { PlannedUnit, Way } from './planned-unit.ts'

/** What a writer learnt about a unit. Only after `committed` it is in the log; after `unknown` it may be; after anything else it is not. */
export type Told = 'committed' | 'duplicate' | 'conflict' | 'refused' | 'rolled back' | 'unknown'

export interface Answer {
  readonly told: Told
  /** For a duplicate: the unit that was executed under the key. */
  readonly sameAs?: string
}

interface Begun {
  readonly unit: string
  readonly way: Way
  readonly key: string | undefined
  readonly events: readonly string[]
}

type Line = Begun | ({ readonly unit: string } & Answer)

/** What one process was told, on disk before anything is done about it: it outlives a kill -9 of the process. */
export interface Journal {
  begun(planned: PlannedUnit): void
  told(planned: PlannedUnit, answer: Answer): void
}

export function openJournal(file: string): Journal {
  const descriptor = openSync(file, 'a')
  const write = (line: Line) => void writeSync(descriptor, `${JSON.stringify(line)}\n`)
  return {
    begun: ({ id, way, unit, events }) => write({ unit: id, way, key: unit.key?.key, events }),
    told: ({ id }, answer) => write({ unit: id, ...answer }),
  }
}

/** Puts the journals of a directory into the table `journal`. A unit without an answer was under way when its process died. */
export async function loadJournals(sql: Sql, directory: string): Promise<void> {
  const lines = readdirSync(directory).flatMap((file) => linesOf(join(directory, file)))
  const answers = new Map(lines.filter((line) => 'told' in line).map((line) => [line.unit, line]))
  const rows = lines
    .filter((line) => 'events' in line)
    .flatMap(({ unit, way, key, events }) => {
      const { told, sameAs } = answers.get(unit) ?? { told: 'nothing' }
      return events.map((event) => ({ unit, event, key, way, told, same_as: sameAs }))
    })
  await sql.query('insert into journal select * from json_populate_recordset(null::journal, $1)', [JSON.stringify(rows)])
}

/** All the kinds of answers that there were, `nothing` among them. */
export async function answersIn(sql: Sql): Promise<readonly string[]> {
  const { rows } = await sql.query<{ told: string }>('select distinct told from journal')
  return rows.map(({ told }) => told)
}

function linesOf(file: string): Line[] {
  // the kill may have cut the last line short, so only what a newline ends counts
  const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return whole.map((line) => JSON.parse(line) as Line)
}
