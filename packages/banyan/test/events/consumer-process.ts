import pg from 'pg'
import { partitionLeases } from '../../src/events/leases.ts'
import { logFeed, WatchedLog } from '../../src/events/log-feed.ts'
import { eventLog } from '../../src/events/log.ts'
import { subscribe } from '../../src/events/subscribe.ts'
import { recordEffects } from './effects.ts'

/** Runs a subscription until it is killed, and tells of every event whose effects are written but not committed yet. */
export interface ConsumerOptions {
  readonly login: pg.PoolConfig
  readonly subscription: string
  readonly kind: 'batch' | 'each'
  readonly leaseMs: number
}

if (import.meta.main) {
  const { login, subscription, kind, leaseMs } = JSON.parse(process.argv[2]!) as ConsumerOptions
  const pool = new pg.Pool({ ...login, max: 10 })
  const handler = recordEffects(pool, kind, subscription, () => process.send!('handling'))
  const feed = logFeed(new WatchedLog(eventLog(pool), { pollMs: 20 }))
  const leases = partitionLeases({ sql: pool, leaseMs })
  await subscribe({ subscription, source: 'orders', handler, feed, leases, sql: pool, batchSize: 3, concurrency: 4 })
}
