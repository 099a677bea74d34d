import type pg from 'pg'
import type { Sql } from '../store/sql.ts'

/** A connection that commits batches; `query` is for the few statements that commit. */
export interface CommitConnection extends Sql {
  readonly client: pg.Client
}

/**
 * Prepares a connection for commits. Batches follow each other on the wire without waiting for the answer before, if `pipelined`. The
 * server plans a statement once per connection, if that is one to the server itself: behind a pooler such as PgBouncer the next
 * statement may meet another server process, which shows in the process id that was given at the start being made up.
 */
export async function commitConnection(client: pg.Client, pipelined: boolean): Promise<CommitConnection> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const direct = rows[0]!.pid === (client as unknown as { processID: number }).processID
  if (pipelined) Object.assign(client, { pipeline: true })
  return {
    client,
    query: (text, values) => client.query({ text, values: values ?? [], ...(direct ? { name: text.slice(0, 40) } : {}) }),
  }
}
