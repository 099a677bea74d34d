import { append, logDatabase, newEvent } from './log-database.ts'
import { partitionLeases } from '../../src/events/leases.ts'
import { logFeed, WatchedLog } from '../../src/events/log-feed.ts'
import { eventLog } from '../../src/events/log.ts'
import { subscribe } from '../../src/events/subscribe.ts'
import { Deadline } from '../../src/kernel/deadline.ts'
import { recordEffects } from './effects.ts'
import { commitUnits } from '../../src/events/commit.ts'
import { dispatcher } from '../../src/work/dispatcher.ts'
import { countWork } from '../../src/work/work.ts'
import { uuidv7 } from '../../src/kernel/id.ts'
import { Wakeup } from '../../src/events/wakeup.ts'
import { committer } from '../../src/events/committer.ts'

await using db = await logDatabase(20)
const pool = db.database.pool
const N = 20_000
for (let i = 0; i < N / 1000; i++) await append(pool, Array.from({ length: 1000 }, (_, k) => `order/${k}-${i % 10}`))
const heads = async () => (await eventLog(pool).heads()).positions
const log = new WatchedLog(eventLog(pool))
const leases = partitionLeases({ sql: pool })
for (const kind of ['batch', 'each'] as const) {
  const t = performance.now()
  {
    await using s = await subscribe({ subscription: `b-${kind}`, source: 'o', feed: logFeed(log), handler: recordEffects(pool, kind, kind), sql: pool, leases })
    await s.caughtUp(await heads(), Deadline.in(100_000))
    console.log(kind, 'insert each in a tx', Math.round(N / ((performance.now() - t) / 1000)), 'events/s')
  }
}
{
  const t = performance.now()
  await using s = await subscribe({ subscription: `b-null`, source: 'o', feed: logFeed(log), handler: { kind: 'batch', handle: async () => 'ignored' }, sql: pool, leases })
  await s.caughtUp(await heads(), Deadline.in(100_000))
  console.log('batch ignored', Math.round(N / ((performance.now() - t) / 1000)), 'events/s')
}
{
  const t = performance.now()
  await using s = await subscribe({ subscription: `b-adv`, source: 'o', feed: logFeed(log), handler: { kind: 'each', handle: async (_e, checkpoint) => { await commitUnits(pool, [{ tenant: '', streams: [], sends: [], checkpoint }]); return 'committed' } }, sql: pool, leases })
  await s.caughtUp(await heads(), Deadline.in(100_000))
  console.log('each, unit with checkpoint only, statement each', Math.round(N / ((performance.now() - t) / 1000)), 'events/s')
}
{
  const c = committer({ connect: () => db.database.connect() } as never)
  const t = performance.now()
  {
  await using s = await subscribe({ subscription: `b-grp`, source: 'o', concurrency: 64, feed: logFeed(log), handler: { kind: 'each', handle: async (_e, checkpoint) => { const o = await (c as any).submit({ tenant: '', streams: [], sends: [], checkpoint }); if (o.kind !== 'committed') throw new Error(JSON.stringify(o)); return 'committed' } }, sql: pool, leases })
  await s.caughtUp(await heads(), Deadline.in(100_000))
  console.log('each, group committer, 64 partitions', Math.round(N / ((performance.now() - t) / 1000)), 'events/s')
  }
  await (c as any)[Symbol.asyncDispose]()
}
{
  await using s = await subscribe({ subscription: `b-lat`, source: 'o', feed: logFeed(log), types: ['Lat'], handler: recordEffects(pool, 'each', 'lat'), sql: pool, leases })
  await s.caughtUp(await heads(), Deadline.in(100_000))
  const l: number[] = []
  for (let i = 0; i < 300; i++) {
    const at = await append(pool, ['lat/' + i], 'Lat')
    const t = performance.now()
    log.wakeup.wake()
    await s.caughtUp(at, Deadline.in(10_000))
    l.push(performance.now() - t)
  }
  l.sort((a, b) => a - b)
  console.log('commit -> effects committed, ms: p50', l[150]!.toFixed(2), 'p95', l[285]!.toFixed(2), 'p99', l[297]!.toFixed(2))
}
{
  const joins: AsyncDisposable[] = []
  for (let i = 0; i < 10; i++) joins.push(await subscribe({ subscription: `many${i}`, source: 'o', feed: logFeed(log), types: ['None'], handler: { kind: 'batch', handle: async () => 'ignored' }, sql: pool, leases }))
  await new Promise((r) => setTimeout(r, 1500))
  const t = performance.now()
  for (let i = 0; i < 20; i++) await leases.beat()
  console.log('beat for 10 subscriptions x 64 partitions', ((performance.now() - t) / 20).toFixed(2), 'ms')
  const cpu = process.cpuUsage()
  const q0 = await pool.query(`select xact_commit as n from pg_stat_database where datname = current_database()`)
  await new Promise((r) => setTimeout(r, 5000))
  const q1 = await pool.query(`select xact_commit as n from pg_stat_database where datname = current_database()`)
  const used = process.cpuUsage(cpu)
  console.log('idle, 10 subscriptions: cpu', ((used.user + used.system) / 50_000).toFixed(2), '% of a core; transactions/s', (Number(q1.rows[0].n) - Number(q0.rows[0].n)) / 5)
  for (const j of joins) await j[Symbol.asyncDispose]()
}
await leases[Symbol.asyncDispose]()
{
  const M = 20_000
  for (let i = 0; i < M / 1000; i++)
    await pool.query(`insert into banyan_work (id, kind, tenant, service, operation, input, context) select id, 'send', '', 'svc' || (random() * 3)::int, 'op', '{"a":1}', '{}' from unnest($1::uuid[]) id`, [Array.from({ length: 1000 }, () => uuidv7())])
  const t = performance.now()
  const wakeup = new Wakeup()
  await using d = dispatcher({ sql: pool, wakeup, deliver: async () => 'executed' })
  while (d.status().executed < M) await new Promise((r) => setTimeout(r, 5))
  console.log('dispatcher drain', Math.round(M / ((performance.now() - t) / 1000)), '/s', await countWork(pool, 'send'))
  const l: number[] = []
  for (let i = 0; i < 300; i++) {
    const before = d.status().executed
    await pool.query(`insert into banyan_work (id, kind, tenant, service, operation, input, context) values ($1, 'send', '', 'svc', 'op', '{"a":1}', '{}')`, [uuidv7()])
    const s = performance.now()
    wakeup.wake()
    while (d.status().executed === before) await new Promise((r) => setImmediate(r))
    l.push(performance.now() - s)
  }
  l.sort((a, b) => a - b)
  console.log('commit -> delivery called ms: p50', l[150]!.toFixed(2), 'p95', l[285]!.toFixed(2))
}
