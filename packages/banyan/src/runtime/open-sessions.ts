import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { Log } from '../model/context.ts'
import { makeAuthTables } from '../security/auth-tables.ts'
import { postgresSessions } from '../security/postgres-sessions.ts'
import { redisSessions } from '../security/redis-sessions.ts'
import type { SessionStore } from '../security/session-store.ts'
import type { Sql } from '../store/sql.ts'
import type { Placement } from './placement.ts'
import { redisAddress } from './redis-place.ts'
import { watchedRedis } from './watched-redis.ts'

export interface SessionsParts {
  readonly app: string
  readonly placement: Pick<Placement, 'sessions'>
  readonly development: boolean
  readonly sql: Sql
  readonly lifecycle: Lifecycle
  readonly log: Log
}

/**
 * Where sessions of people are kept: in Redis where the topology says so, else in the database, whose tables are made where they are missing.
 * Throws `invalid_configuration` where that Redis has no address.
 */
export async function openSessions({ app, placement: { sessions }, development, sql, lifecycle, log }: SessionsParts): Promise<SessionStore> {
  const url = sessions && redisAddress(sessions, 'sessions', development)
  if (url === undefined) {
    await makeAuthTables(sql, app)
    return postgresSessions({ app, sql })
  }
  const away = 'sessions cannot be looked up in Redis; who shows one is answered 503 until it is back'
  return redisSessions(await watchedRedis({ what: 'sessions', url, prefix: sessions?.prefix ?? `${app}:`, away, lifecycle, log }))
}
