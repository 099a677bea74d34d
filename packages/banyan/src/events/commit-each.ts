import { crashPoint } from '../kernel/crash-point.ts'
import { isConnectionFailure, isTransactionConflict, sqlError, sqlState, takesNoWrites } from '../store/sql-errors.ts'
import { commitUnits } from './commit.ts'
import type { CommitConnection } from './commit-connection.ts'
import type { Waiting } from './commit-queue.ts'
import type { Outcome } from './unit.ts'

/** How often a batch that lost a serialisation conflict or a deadlock is sent again as it is. */
const REPEATS = 3

/**
 * Commits a batch and settles each of its units. Where the database refuses the batch for a value in it, the units are sent one by one,
 * so that only the bad one fails. Answers the units whose connection broke while they were under way: they may have been committed.
 */
export async function commitEach(connection: CommitConnection, batch: readonly Waiting[], answerMs: number): Promise<Waiting[]> {
  for (let repeat = 0; ; repeat++) {
    try {
      const outcomes = await commitBefore(connection, batch, answerMs)
      batch.forEach((waiting, index) => waiting.settle(outcomes[index]!))
      return []
    } catch (error) {
      if (isConnectionFailure(error)) return [...batch]
      if (isTransactionConflict(error) && repeat < REPEATS) continue
      if (batch.length > 1 && isOneUnitsFault(error)) return commitOneByOne(connection, batch, answerMs)
      // the next batch finds the server that has taken over
      if (takesNoWrites(error)) connection.client.connection.stream.destroy()
      for (const waiting of batch) waiting.fail(sqlError(error))
      return []
    }
  }
}

async function commitOneByOne(connection: CommitConnection, batch: readonly Waiting[], answerMs: number): Promise<Waiting[]> {
  const lost: Waiting[] = []
  for (const waiting of batch) lost.push(...(await commitEach(connection, [waiting], answerMs)))
  return lost
}

/** A connection that does not answer is closed; what it was doing then counts as lost. */
async function commitBefore(connection: CommitConnection, batch: readonly Waiting[], answerMs: number): Promise<Outcome[]> {
  const timer = setTimeout(() => connection.client.connection.stream.destroy(), answerMs)
  try {
    crashPoint('commit.before')
    const answer = commitUnits(
      connection,
      batch.map((waiting) => waiting.unit),
      'alone',
    )
    crashPoint('commit.sent')
    const outcomes = await answer
    crashPoint('commit.after')
    return outcomes
  } finally {
    clearTimeout(timer)
  }
}

/** Data exceptions, integrity violations and exceeded limits; and what failed before it was sent. */
function isOneUnitsFault(error: unknown): boolean {
  const state = sqlState(error)
  return state === undefined || /^(22|23|54)/.test(state)
}
