import pg from 'pg'
import { dispatcher } from '../../src/work/dispatcher.ts'

/** Delivers work until it is killed, and tells of every delivery that has had its effect but no answer yet. */
export interface SenderOptions {
  readonly login: pg.PoolConfig
  readonly kind: string
  readonly leaseMs: number
}

if (import.meta.main) {
  const { login, kind, leaseMs } = JSON.parse(process.argv[2]!) as SenderOptions
  const pool = new pg.Pool({ ...login, max: 10 })
  dispatcher({
    sql: pool,
    kind,
    leaseMs,
    concurrency: 16,
    deliver: async ({ id }) => {
      await pool.query('insert into effects (stream, by) values ($1, $2)', [id, kind])
      process.send!('handling')
      return 'executed'
    },
  })
}
