import { commitUnits } from '../../src/events/commit.ts'
import type { Committer } from '../../src/events/committer.ts'
import type { Outcome } from '../../src/events/unit.ts'
import { BanyanError } from '../../src/kernel/errors.ts'
import { SqlTransaction } from '../../src/runtime/sql-transaction.ts'
import type { ServiceDatabase } from '../../src/store/service-database.ts'
import { isConnectionFailure, sqlError } from '../../src/store/sql-errors.ts'
import type { Choices } from './choices.ts'
import { dawdle } from './dawdle.ts'
import type { Answer } from './journal.ts'
import { learn, type Beliefs, type PlannedUnit } from './planned-unit.ts'
import { COUNTERS } from './property-database.ts'

/** What an attempt needs. */
export interface Means {
  readonly database: ServiceDatabase
  readonly commits: Committer
  readonly choices: Choices
  readonly beliefs: Beliefs
}

/** Tries to commit a unit in its way. Throws only what neither kills nor conflicts explain. */
export function attempt(planned: PlannedUnit, means: Means): Promise<Answer> {
  return planned.way === 'committer' ? submit(planned, means) : transact(planned, means)
}

async function submit({ unit }: PlannedUnit, { commits, beliefs }: Means): Promise<Answer> {
  try {
    const outcome = await commits.submit(unit)
    learn(unit, outcome, beliefs)
    return answerOf(outcome)
  } catch (error) {
    return failed(error, BanyanError.is(error, 'outcome_unknown'))
  }
}

const isolations = ['read committed', 'repeatable read', 'serializable']

/** SQL of its own first, the append last; in between and before COMMIT it may dawdle, and it may roll back what was fine. */
async function transact({ id, unit }: PlannedUnit, { database, choices, beliefs }: Means): Promise<Answer> {
  let [transaction, committing]: [SqlTransaction | undefined, boolean] = [undefined, false]
  try {
    transaction = await SqlTransaction.begin(database)
    const { client } = transaction
    await client.query(`set transaction isolation level ${choices.one(isolations)}`)
    await client.query('insert into notes (unit) values ($1)', [id])
    if (choices.chance(0.1)) await client.query('update counters set count = count + 1 where id = $1', [choices.below(COUNTERS)])
    if (choices.chance(0.2)) await dawdle(client, choices)
    const [outcome] = await commitUnits(client, [unit])
    if (choices.chance(0.2)) await dawdle(client, choices)
    if (outcome!.kind !== 'committed') return answerOf(outcome!)
    if (choices.chance(0.15)) return { told: 'rolled back' }
    committing = true
    await transaction.commit()
    learn(unit, outcome!, beliefs)
    return { told: 'committed' }
  } catch (error) {
    return failed(sqlError(error), committing && isConnectionFailure(error))
  } finally {
    await transaction?.rollback()
  }
}

function answerOf(outcome: Outcome): Answer {
  if (outcome.kind === 'lease_lost') throw new Error('a unit without a checkpoint lost a lease')
  if (outcome.kind !== 'duplicate') return { told: outcome.kind }
  return { told: 'duplicate', sameAs: (JSON.parse(outcome.result) as { unit: string }).unit }
}

function failed(error: unknown, unknown: boolean): Answer {
  if (!BanyanError.is(error) || !error.retryable) throw error
  return { told: unknown ? 'unknown' : 'refused' }
}
