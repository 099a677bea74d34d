import { findKey, keyOf } from '../events/keys.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Envelope } from '../network/envelope.ts'
import type { ServiceDatabase } from '../store/service-database.ts'
import { CommandContextOf, QueryContextOf, type Host } from './contexts.ts'
import type { Run } from './invoke.ts'
import type { Freshness } from './freshness.ts'
import { recorded, recordedInput, type Transactions } from './transactions.ts'

type AnyHandler = (input: unknown, context: unknown) => unknown

/** Runs a query once what it reads is as fresh as its contract says. */
export function runQuery(host: Host, { facts }: AnyOperation, handler: AnyHandler, freshness: Freshness): Run {
  return (input, envelope) => {
    const waiting = freshness.reached(facts.consistency, envelope)
    if (waiting) return waiting.then(() => handler(input, new QueryContextOf(host, envelope)))
    return handler(input, new QueryContextOf(host, envelope))
  }
}

export interface CommandParts {
  readonly host: Host
  readonly operation: AnyOperation
  readonly handler: AnyHandler
  readonly transactions: Transactions
  readonly database: ServiceDatabase
  readonly freshness: Freshness
}

/**
 * Runs a command at most once under its key: the record of the key commits with the effects. A repeat finds the record at the latest when
 * it commits; one that fails before, because the world has changed since, is answered from the record as well.
 */
export function runCommand({ host, operation, handler, transactions, database, freshness }: CommandParts): Run {
  const name = `${operation.service}.${operation.name}`
  const answers = operation.facts.output !== undefined
  const { secret } = operation.facts
  return async (input, envelope) => {
    // past its retention nobody knows any more whether a key was used
    keyOf(envelope.key)
    const waiting = freshness.reached(operation.facts.consistency, envelope)
    if (waiting) await waiting
    const transaction = transactions.once({ envelope, by: name, command: { operation: operation.name, input, answers, secret } })
    try {
      const output = await handler(input, new CommandContextOf(host, envelope, transaction.transact))
      const { answer } = transaction
      if (answer && answers && output !== answer.value) {
        throw new BanyanError(
          'invalid_transaction',
          `${name} returned something other than what its transact did; return the transaction's result, since that is what a repeat is answered`,
        )
      }
      return output
    } catch (error) {
      if (transaction.committed) throw error
      const found = await earlier(database, operation, envelope)
      if (!found) throw error
      await freshness.noteEnds(envelope.session)
      return recorded({ by: name, envelope }, recordedInput({ input, secret }), found)
    }
  }
}

/** What the key was answered before, if it was; a database that cannot say leaves the first error standing. */
async function earlier(
  database: ServiceDatabase,
  operation: AnyOperation,
  { key, identity }: Envelope,
): Promise<{ input: string; result: string } | undefined> {
  try {
    return await findKey(database.pool, { key, operation: operation.name, tenant: identity.tenant, subject: identity.subject })
  } catch {
    return undefined
  }
}
