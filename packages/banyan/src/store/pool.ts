import pg from 'pg'
import { systemClock } from '../kernel/clock.ts'

// what was begun may end; whoever holds a connection for longer at shutdown has forgotten it
const GRACE = 5_000

export interface OpenPool extends AsyncDisposable {
  readonly pool: pg.Pool
}

/**
 * A pool that opens connections when needed, closes idle ones, and whose clients may be lost at any time, idle or in use, without ending
 * the process. Disposing waits five seconds for connections in use, then cuts them.
 */
export function openPool(config: pg.ClientConfig, max: number, log: (message: string) => void): OpenPool {
  const pool = new pg.Pool({ ...config, max, idleTimeoutMillis: 10_000 })
  const clients = new Set<pg.PoolClient>()
  pool.on('error', (error) => log(`lost an idle database connection: ${error.message}`))
  pool.on('connect', (client) => {
    clients.add(client)
    // a client in use tells its loss by the query that fails; unheard, its error event would end the process
    client.on('error', () => {})
  })
  pool.on('remove', (client) => clients.delete(client))
  return { pool, [Symbol.asyncDispose]: () => close(pool, clients, log) }
}

async function close(pool: pg.Pool, clients: ReadonlySet<pg.PoolClient>, log: (message: string) => void): Promise<void> {
  if (pool.ending || pool.ended) return
  const given = new AbortController()
  const ended = pool.end().then(() => given.abort())
  await Promise.race([ended, systemClock.wait(GRACE, given.signal)])
  if (given.signal.aborted) return
  log(`${clients.size} database connections were still in use at the end and are cut`)
  await Promise.all([...clients].map((client) => client.end()))
}
