import type pg from 'pg'
import { isDirect } from '../store/prepared.ts'
import type { Sql } from '../store/sql.ts'

/** A connection that commits batches; `query` is for the few statements that commit. */
export interface CommitConnection extends Sql {
  readonly client: pg.Client
}

/**
 * Prepares a connection for commits. Batches follow each other on the wire without waiting for the answer before, if `pipelined`. The
 * server plans a statement once per connection, if that is one to the server itself.
 */
export async function commitConnection(client: pg.Client, pipelined: boolean): Promise<CommitConnection> {
  const direct = await isDirect(client)
  if (pipelined) Object.assign(client, { pipeline: true })
  return {
    client,
    query: (text, values) => client.query({ text, values: values ?? [], ...(direct ? { name: text.slice(0, 40) } : {}) }),
  }
}
