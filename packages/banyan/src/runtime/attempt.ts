import { crashPoint } from '../kernel/crash-point.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { Committer } from '../events/committer.ts'
import { commitUnits } from '../events/commit.ts'
import type { Outcome, Unit, WrittenPosition } from '../events/unit.ts'
import type { ServiceFacts } from '../model/service.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { Session } from '../network/session.ts'
import { sqlError } from '../store/sql-errors.ts'
import type { Sql } from '../store/sql.ts'
import { setTenant } from '../store/tenant.ts'
import { LazySql } from './sql-side.ts'
import { SqlTransaction } from './sql-transaction.ts'
import type { StreamStates } from './stream-states.ts'
import type { AttemptOf, TransactionsOptions } from './transactions.ts'
import type { UnitTurns } from './turns.ts'
import { UnitOfWork } from './unit-of-work.ts'

export interface AttemptParts {
  readonly facts: ServiceFacts
  readonly database: ServiceDatabase
  readonly committer: Committer
  readonly states: StreamStates
  /**
   * Told after every commit what was committed, and where it ended partitions of the log, so that readers in this process look at once; of
   * a unit in somebody else's transaction before the commit, and without the positions.
   */
  readonly committed: (unit: Unit, positions: readonly WrittenPosition[] | undefined) => void
  /** Notes all that is committed by now: where nobody knows any more which of it a session wrote. */
  readonly noteEnds: (session: Session) => Promise<void>
}

/** How one attempt at a transaction is made: units that only append share commits, a unit with SQL commits on its own connection. */
export function attempts(parts: AttemptParts): TransactionsOptions['attempt'] {
  return ({ envelope, by }, { theirs, minted, streams: needed }) => {
    const { facts, database, states } = parts
    const turns = states.turns.begin()
    let own: SqlTransaction | undefined
    const tenant = facts.store.tenants && envelope.identity.tenant
    const sql = new LazySql(database, async () => {
      if (theirs && tenant !== undefined) await theirs.query(setTenant, [tenant])
      if (theirs) return theirs
      own = await SqlTransaction.begin(database, tenant)
      return own.client
    })
    const work = new UnitOfWork(
      {
        facts,
        turns,
        know: (aggregate) => states.know(aggregate),
        current: (aggregate, id) => states.current(aggregate, id, { minted: minted.has(id), via: theirs ?? sql.connection }),
      },
      sql,
      envelope,
      by,
    )
    return {
      tx: work,
      begin: () => (needed.size > 0 ? turns.takeAll(needed) : undefined),
      async commit(common) {
        const { streams, sends } = work.close()
        const { trespass } = turns
        if (trespass !== undefined && !theirs) throw new BanyanError('version_conflict', `${by}: another unit has the turn at the stream ${trespass}`)
        const unit: Unit = { ...common, streams, sends }
        const inSql = theirs ?? (sql.opened ? await sql.connection : undefined)
        if (!inSql && isEmpty(unit)) return { kind: 'nothing' }
        const outcome = await (inSql ? within(inSql, unit, own) : submit(parts, work, turns, unit))
        if (outcome.kind === 'committed') envelope.session.note(facts.contract['~contract'], outcome.positions)
        else if (outcome.kind === 'duplicate' && !theirs) {
          // what asks for another connection holds none
          await own?.rollback()
          await parts.noteEnds(envelope.session)
        }
        return settle(outcome, parts, work, { unit, within: theirs ? 'theirs' : inSql && 'own' })
      },
      async confirm() {
        const streams = work.assertions()
        if (streams.length === 0) return true
        const outcome = await parts.committer.submit({ tenant: envelope.identity.tenant, streams, sends: [] })
        if (outcome.kind !== 'committed') states.forget(streams.map(({ stream }) => stream))
        return outcome.kind === 'committed'
      },
      abandon() {
        turns.end()
        for (const stream of turns.streams) needed.add(stream)
        return own?.rollback()
      },
    } satisfies AttemptOf
  }
}

/** A reaction that did nothing leaves its checkpoint to be moved later, with others. */
function isEmpty({ streams, sends, key }: Unit): boolean {
  return streams.length === 0 && sends.length === 0 && key === undefined
}

/** The next unit decides on this one's states while this one is being committed. */
function submit({ states, committer }: AttemptParts, work: UnitOfWork, turns: UnitTurns, unit: Unit): Promise<Outcome> {
  const outcome = states.submit(work.proposals(), () => committer.submit(unit))
  turns.end()
  return outcome
}

/** Adds the unit at the end of a transaction; `own` is ended here, another's is left to its owner. */
async function within(sql: Sql, unit: Unit, own: SqlTransaction | undefined): Promise<Outcome> {
  crashPoint('transaction.written')
  const outcome = await commitWithin(sql, unit)
  crashPoint('transaction.appended')
  if (outcome.kind === 'committed') await own?.commit()
  crashPoint('transaction.committed')
  return outcome
}

async function commitWithin(sql: Sql, unit: Unit): Promise<Outcome> {
  try {
    const [outcome] = await commitUnits(sql, [unit])
    return outcome!
  } catch (error) {
    throw sqlError(error)
  }
}

interface Settled {
  readonly unit: Unit
  /** Whose transaction it was part of; `undefined` where it shared a commit. */
  readonly within: 'own' | 'theirs' | undefined
}

function settle(outcome: Outcome, { states, committed }: AttemptParts, work: UnitOfWork, { unit, within }: Settled): Outcome {
  if (outcome.kind === 'committed') {
    // what commits with SQL of its own is not ordered with the group committer, so the cache forgets instead of guessing
    if (within) states.forget(work.proposals().map(({ stream }) => stream))
    committed(unit, within === 'theirs' ? undefined : outcome.positions)
  } else if (outcome.kind === 'conflict') {
    states.forget([outcome.stream])
  }
  return outcome
}
