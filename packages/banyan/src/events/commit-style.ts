/**
 * How a commit is asked for. `within`: by any driver, at the end of a transaction or as one of its own. `alone`: by the committer, on a
 * node-postgres connection, which takes parameters in the faster binary format.
 */
export type CommitStyle = 'within' | 'alone'

/** Has the server end a transaction that holds partitions of the log and whose client has stopped, so that it holds up nobody else. */
export function guarded(statement: string, style: CommitStyle): string {
  return style === 'within' ? `${statement}, set_config('idle_in_transaction_session_timeout', '10000', true)` : statement
}
