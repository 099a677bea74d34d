import { systemClock, type Clock } from '../kernel/clock.ts'
import { BanyanError } from '../kernel/errors.ts'
import { storableJson } from '../kernel/json.ts'
import { fullJitter } from '../kernel/backoff.ts'
import { leaseLost } from '../events/checkpoint.ts'
import { inputHash, NOT_KEPT, repeatedResult, type RecordedKey } from '../events/keys.ts'
import type { CheckpointAdvance, KeyRecord, Outcome, Unit } from '../events/unit.ts'
import { isDeclared } from '../model/declared-error.ts'
import type { Envelope } from '../network/envelope.ts'
import type { Sql } from '../store/sql.ts'
import type { Transact, Work } from './contexts.ts'

/** What a transaction is made for. */
export interface TransactionOrigin {
  readonly envelope: Envelope
  /** `orders.place`, or `orders reactions`: what its events say they were written by. */
  readonly by: string
  /** For commands: what the idempotency record is kept under. */
  readonly command?: CommandOrigin
  /** For reactions: what is committed together with the effects. */
  readonly checkpoint?: CheckpointAdvance
}

export interface CommandOrigin {
  readonly operation: string
  readonly input: unknown
  /** Whether it answers anything. */
  readonly answers: boolean
  /** Whether input and answer are secret, and only that it was executed is kept. */
  readonly secret: boolean
}

interface End {
  committed: boolean
  answer: { readonly value: unknown } | undefined
}

/** The one transaction that a context may have. */
export interface OneTransaction {
  readonly transact: Transact
  /** Whether something was committed. */
  readonly committed: boolean
  /** What was committed as the answer, once something was. */
  readonly answer: { readonly value: unknown } | undefined
}

/** One attempt at a transaction. */
export interface AttemptOf {
  /** What `tx` is. */
  readonly tx: unknown
  /** Waits until it is the attempt's turn at the streams it is known to need. */
  begin(): Promise<void> | undefined
  /** Commits `unit` together with what was written; called at most once. */
  commit(common: Pick<Unit, 'tenant' | 'key' | 'checkpoint'>): Promise<Outcome | { kind: 'nothing' }>
  /** Whether what a refusal was decided on is still so; if not, the decision has to be made again. */
  confirm(): Promise<boolean>
  /** Undoes what was written, at once where that takes no statement; harmless after a commit. */
  abandon(): Promise<void> | undefined
}

/** What an attempt starts from. */
export interface AttemptStart {
  /** A transaction of somebody else, in which it is to take part. */
  readonly theirs: Sql | undefined
  /** Ids under which nothing is expected to be yet. */
  readonly minted: ReadonlySet<string>
  /** The streams that were needed by the attempts before; this one adds its own. */
  readonly streams: Set<string>
}

export interface TransactionsOptions {
  readonly attempt: (origin: TransactionOrigin, start: AttemptStart) => AttemptOf
  readonly clock?: Clock
}

const nothing: ReadonlySet<string> = new Set()

/**
 * How often a transaction function runs before its conflict is told. At one stream that another process writes to without a pause an attempt
 * has an even chance, more or less: of a hundred thousand, none should be told.
 */
const ATTEMPTS = 30
const backoff = { baseMs: 2, capMs: 100 }

/** Runs transaction functions: retries what a retry can mend, and answers a repeated command what it was answered before. */
export class Transactions {
  readonly #options: TransactionsOptions
  readonly #clock: Clock

  constructor(options: TransactionsOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  once(origin: TransactionOrigin): OneTransaction {
    const end: End = { committed: false, answer: undefined }
    let used = false
    const transact: Transact = (work, minted, theirs) => {
      if (used) {
        const text = `${origin.by} transacts twice; one handler has one transaction, so that what it does is all or nothing`
        return Promise.reject(new BanyanError('invalid_transaction', text))
      }
      used = true
      return this.#run(origin, end, work, minted, theirs)
    }
    return {
      transact,
      get committed() {
        return end.committed
      },
      get answer() {
        return end.answer
      },
    }
  }

  /** Answers what the transaction answers, and notes in `end` what came of it. */
  async #run(origin: TransactionOrigin, end: End, work: Work, minted: ReadonlySet<string>, theirs: Sql | undefined): Promise<unknown> {
    const streams = new Set<string>()
    for (let attempt = 1; ; attempt++) {
      try {
        // only once: a conflict may be that there was something after all
        const start = { theirs, minted: attempt === 1 && !theirs ? minted : nothing, streams }
        const { value, committed } = await this.#attempt(origin, work, start)
        end.committed = committed
        end.answer = { value }
        return value
      } catch (error) {
        if (theirs || attempt >= ATTEMPTS || !mends(error) || origin.envelope.deadline.expired || origin.envelope.signal.aborted) throw error
        if (attempt > 2) await this.#clock.wait(fullJitter(backoff, attempt - 2), origin.envelope.signal)
      }
    }
  }

  async #attempt(origin: TransactionOrigin, work: Work, start: AttemptStart): Promise<{ value: unknown; committed: boolean }> {
    const attempt = this.#options.attempt(origin, start)
    try {
      const turns = attempt.begin()
      if (turns) await turns
      const value = await refusable(work, attempt, origin.by)
      const { checkpoint, command, envelope } = origin
      const key = command && keyRecord(command, envelope, value)
      const outcome = await attempt.commit({ tenant: envelope.identity.tenant, ...(key && { key }), ...(checkpoint && { checkpoint }) })
      return conclude(origin, outcome, value, key)
    } finally {
      const abandoned = attempt.abandon()
      if (abandoned) await abandoned
    }
  }
}

function conclude(
  origin: TransactionOrigin,
  outcome: Outcome | { kind: 'nothing' },
  value: unknown,
  key: KeyRecord | undefined,
): { value: unknown; committed: boolean } {
  switch (outcome.kind) {
    case 'committed':
      return { value, committed: true }
    case 'nothing':
      return { value, committed: false }
    case 'duplicate':
      return { value: recorded(origin, key!.input, outcome), committed: true }
    case 'conflict':
      throw new BanyanError(
        'version_conflict',
        `${origin.by}: the stream ${outcome.stream} is at version ${outcome.actual}, and the decision was made on ${outcome.expected}`,
      )
    case 'lease_lost':
      throw leaseLost(origin.checkpoint!)
  }
}

/** Runs the function. What it refuses on a state that was not the true one, or not yet, is a conflict like any other. */
async function refusable(work: Work, attempt: AttemptOf, by: string): Promise<unknown> {
  try {
    return await work(attempt.tx as never)
  } catch (error) {
    if (isDeclared(error) && !(await attempt.confirm())) throw new BanyanError('version_conflict', `${by}: the state that was decided on has changed`)
    throw error
  }
}

/**
 * What the first use of the command's key was answered. Throws `key_reused`, naming the key as it was said, when that was for another input,
 * `answer_not_kept` when it was secret.
 */
export function recorded({ by, envelope }: Pick<TransactionOrigin, 'by' | 'envelope'>, input: string, found: RecordedKey): unknown {
  return (JSON.parse(repeatedResult(by, { key: envelope.saidKey ?? envelope.key, input }, found)) as { value?: unknown }).value
}

function keyRecord(command: CommandOrigin, { key, identity }: Envelope, value: unknown): KeyRecord {
  const { operation, answers, secret } = command
  // wrapped, because a command may answer nothing, for which JSON has no word
  const result = storableJson(answers && !secret ? { value } : {}, `the result of ${operation}`)
  return { key, operation, tenant: identity.tenant, subject: identity.subject, input: recordedInput(command), result }
}

/** What of an input is kept to tell a repeat from another command under the same key. */
export function recordedInput({ input, secret }: Pick<CommandOrigin, 'input' | 'secret'>): string {
  // a hash of a password can be found by trying
  return secret ? NOT_KEPT : inputHash(input)
}

/** Failures after which running the function again may succeed. A COMMIT of unknown outcome too: the key or checkpoint tells the repeat if it happened. */
function mends(error: unknown): boolean {
  return BanyanError.is(error) && ['version_conflict', 'transaction_conflict', 'outcome_unknown', 'database_unreachable'].includes(error.code)
}
