import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql'
import pg from 'pg'
import { orderEvents, type PeerKind } from '../peer.ts'

/** Most appends at a time that it answers faster with more connections; measured. */
const CONNECTIONS = 16

export const emmett: PeerKind = {
  name: 'emmett-postgresql',
  remarks:
    'appendToStream with expectedStreamVersion, a transaction each on a pool of 16 (10 and 32 were slower): version checked per append; order by transaction id, so that a long transaction delays readers; no idempotency keys',
  async prepare() {},
  async start({ connection, flight }) {
    const pool = new pg.Pool({ ...connection, max: Math.min(flight, CONNECTIONS) })
    // the store may have ended the pool without waiting, when the database is dropped
    pool.on('error', () => {})
    const store = getPostgreSQLEventStore(connection.connectionString!, { connectionOptions: { pool } })
    await store.schema.migrate()
    return {
      async append(stream, after) {
        const events = orderEvents(stream).map(({ type, data, meta }) => ({ type, data, metadata: meta }))
        const { nextExpectedStreamVersion } = await store.appendToStream(stream, events, { expectedStreamVersion: (after as bigint | undefined) ?? 0n })
        return nextExpectedStreamVersion
      },
      async [Symbol.asyncDispose]() {
        await store.close()
        if (!pool.ended) await pool.end()
      },
    }
  },
}
