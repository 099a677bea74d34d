import type { Socket } from 'node:net'
import type pg from 'pg'
import { committer } from '../../src/events/committer.ts'
import { partitionLeases } from '../../src/events/leases.ts'
import { logFeed, WatchedLog } from '../../src/events/log-feed.ts'
import { eventLog } from '../../src/events/log.ts'
import { openServer } from '../../src/store/server.ts'
import { choicesFrom } from './choices.ts'
import { openJournal } from './journal.ts'
import { service } from './property-database.ts'
import { startReaders } from './readers.ts'
import { write } from './writer.ts'

/** One process of the fleet: its share of the writers and of the subscriptions. */
export interface MemberOptions {
  readonly app: string
  readonly url: string
  /** Its name among the owners of partitions. */
  readonly owner: string
  readonly journal: string
  readonly keys: string
  readonly writers: number
  readonly seed: number
}

/** What it is told: to lose its connections, to let its writers finish what they are at and stop. */
export type Order = 'sever' | 'stop'
/** What it tells: that it runs, that a unit has been answered, that its writers have stopped. */
export type Report = 'running' | 'answered' | 'stopped'

if (import.meta.main) await takePart(JSON.parse(process.argv[2]!) as MemberOptions)

async function takePart({ app, url, owner, journal: file, keys, writers, seed }: MemberOptions): Promise<void> {
  const report = (report: Report) => void process.send!(report)
  const connections = new Set<pg.ClientBase>()
  const stopped = new AbortController()
  process.on('message', (order: Order) => (order === 'stop' ? stopped.abort() : connections.forEach(sever)))
  // nobody is left to kill it
  process.on('disconnect', () => process.exit())

  const server = await openServer({ app, url, dataDirectory: '', connections: 11 })
  const database = server.open(service, { connections: 10 })
  const { pool: leasing } = server.open(service, { connections: 1 })
  for (const pool of [database.pool, leasing]) pool.on('connect', (client) => connections.add(client)).on('remove', (client) => connections.delete(client))
  const commits = committer({
    async connect() {
      const client = await database.connect()
      connections.add(client)
      return client.once('end', () => connections.delete(client))
    },
  })
  const feed = logFeed(new WatchedLog(eventLog(database.pool), { pollMs: 25 }))
  const leases = partitionLeases({ sql: leasing, owner, leaseMs: 1_000 })
  await startReaders({ database, commits, feed, leases, choices: choicesFrom(seed) })
  report('running')

  const shared = { database, commits, keys, journal: openJournal(file), beliefs: new Map(), stop: stopped.signal, progress: () => report('answered') }
  await Promise.all(Array.from({ length: writers }, (_, index) => write({ ...shared, choices: choicesFrom(seed + 1 + index) })))
  report('stopped')
}

/** On this side only: the server goes on with the statement it is at, be it a COMMIT. */
function sever(client: pg.ClientBase): void {
  const { connection } = client as unknown as { readonly connection: { readonly stream: Socket } }
  connection.stream.destroy()
}
