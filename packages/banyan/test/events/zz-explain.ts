import { logDatabase } from './log-database.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
await using db = await logDatabase(20)
const pool = db.database.pool
await pool.query(`insert into banyan_work (id, kind, tenant, service, operation, input, context) select id, 'send', '', 'svc' || (random() * 3)::int, 'op', '{"a":1}', '{}' from unnest($1::uuid[]) id`, [Array.from({ length: 20000 }, () => uuidv7())])
const { claimWork, settleWork } = await import('../../src/work/work.ts')
const wrap = (explain: boolean) => ({ query: async (text: string, values?: unknown[]) => { if (explain) { const r = await pool.query('explain (analyze, buffers) ' + text, values); console.log(r.rows.map((x: any) => x['QUERY PLAN']).join('\n')); return { rows: [{ items: [], next: null }], rowCount: 0 } as any } return pool.query(text, values) as any } })
const t = performance.now()
let claims = 0
for (let i = 0; i < 100; i++) { const c = await claimWork(wrap(false), { kind: 'send', owner: 'x', limit: 32, leaseMs: 30000 }); claims++; await settleWork(wrap(false), c.items.map((i) => ({ id: i.id, epoch: i.epoch, outcome: 'done' }))) }
console.log('claim+settle of 32, ms', (performance.now() - t) / claims)

const c = await claimWork(wrap(false), { kind: 'send', owner: 'x', limit: 32, leaseMs: 30000 })
await settleWork(wrap(true), c.items.map((i) => ({ id: i.id, epoch: i.epoch, outcome: 'done' })))
const { seedSubscriptions, beatStatement } = await import('../../src/events/lease-sql.ts')
const keys = Array.from({ length: 10 }, (_, i) => ({ subscription: 's' + i, source: 'o' }))
await seedSubscriptions(pool, keys, 64)
await beatStatement(pool, 'me', keys, 10000, 64)
const b = performance.now()
for (let i = 0; i < 20; i++) await beatStatement(pool, 'me', keys, 10000, 64)
console.log('beat', (performance.now() - b) / 20)
await beatStatement(wrap(true), 'me', keys, 10000, 64)
