import { silentLog } from '../../src/observe/log.ts'
import { authTable, makeAuthTables } from '../../src/security/auth-tables.ts'
import { postgresSessions } from '../../src/security/postgres-sessions.ts'
import { redisSessions } from '../../src/security/redis-sessions.ts'
import type { SessionStore } from '../../src/security/session-store.ts'
import { openRedis } from '../../src/store/redis.ts'
import type { DatabaseServer } from '../../src/store/server.ts'
import { testServer } from '../../src/testing/database.ts'
import { NO_REDIS, sharedRedis, testPrefix } from '../redis.ts'

/** A place where sessions are kept, as tests see it. */
export interface TestStore extends AsyncDisposable {
  /** The store as one process has it. */
  open(): SessionStore
  /** As if all sessions had been begun, and used last, so many minutes earlier. */
  later(minutes: number): Promise<void>
  /** How many sessions something is kept of. */
  kept(): Promise<number>
}

export const redisUrl: string | undefined = await sharedRedis()
const skip = redisUrl === undefined ? NO_REDIS : undefined

/** What tests of sessions run against; `skip`: why one cannot be had here. */
export const stores: readonly { readonly name: string; readonly skip: string | undefined; readonly make: () => Promise<TestStore> }[] = [
  { name: 'PostgreSQL', skip: undefined, make: inPostgres },
  { name: 'Redis', skip, make: () => inRedis(redisUrl!) },
]

/** The topologies of the club, and everything that is kept of its sessions. */
export const places = [
  {
    store: 'PostgreSQL',
    topology: 'one',
    skip: undefined,
    everything: async ({ admin, app }: DatabaseServer): Promise<string[]> =>
      (await admin.query<{ row: string }>(`select t::text as row from ${authTable(app, 'session')} t`)).rows.map(({ row }) => row),
  },
  {
    store: 'Redis',
    topology: 'sessions-in-redis',
    skip,
    async everything({ app }: DatabaseServer): Promise<string[]> {
      await using redis = await openRedis({ url: redisUrl!, prefix: `${app}:`, log: silentLog })
      const keys = await redis.run((client) => client.keys(`${app}:*`))
      const sessions = keys.filter((key) => !key.includes(':of:'))
      return [...keys, JSON.stringify(await redis.run((client) => Promise.all(sessions.map((key) => client.hgetall(key)))))]
    },
  },
]

async function inPostgres(): Promise<TestStore> {
  const server = await testServer()
  await makeAuthTables(server.admin, server.app)
  const table = authTable(server.app, 'session')
  return {
    open: () => postgresSessions({ app: server.app, sql: server.admin }),
    async later(minutes) {
      const back = `- ${minutes} * interval '1 minute'`
      await server.admin.query(`update ${table} set began = began ${back}, expires = expires ${back}, ends = ends ${back}`)
    },
    kept: async () => (await server.admin.query(`select from ${table}`)).rows.length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function inRedis(url: string): Promise<TestStore> {
  const redis = await openRedis({ url, prefix: testPrefix(), log: silentLog })
  const ofOwners = `${redis.prefix}session:of:`
  const keys = () => redis.run((client) => client.keys(`${redis.prefix}session:*`))
  return {
    open: () => redisSessions(redis),
    async later(minutes) {
      const ms = minutes * 60_000
      for (const key of await keys())
        await redis.run(async (client) => {
          if (!key.startsWith(ofOwners)) for (const field of ['began', 'ends']) await client.hincrby(key, field, -ms)
          await client.pexpire(key, (await client.pttl(key)) - ms)
        })
    },
    async kept() {
      const owners = (await keys()).filter((key) => key.startsWith(ofOwners))
      const sizes = await Promise.all(owners.map((key) => redis.run((client) => client.hlen(key))))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
    async [Symbol.asyncDispose]() {
      const left = await keys()
      if (left.length > 0) await redis.run((client) => client.del(...left))
      await redis[Symbol.asyncDispose]()
    },
  }
}
