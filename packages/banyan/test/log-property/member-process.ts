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

/** What it tells: that it runs, that a unit has been answered, that its writers have stopped. Any message to it stops them. */
export type MemberMessage = 'running' | 'answered' | 'stopped'

if (import.meta.main) await takePart(JSON.parse(process.argv[2]!) as MemberOptions)

async function takePart({ app, url, owner, journal: file, keys, writers, seed }: MemberOptions): Promise<void> {
  const stopped = new AbortController()
  process.on('message', () => stopped.abort())
  // nobody is left to kill it
  process.on('disconnect', () => process.exit())
  const tell = (message: MemberMessage) => void process.send!(message)

  const server = await openServer({ app, url, dataDirectory: '', connections: 11 })
  const database = server.open(service, { connections: 10 })
  const commits = committer(database)
  const feed = logFeed(new WatchedLog(eventLog(database.pool), { pollMs: 25 }))
  const leases = partitionLeases({ sql: server.open(service, { connections: 1 }).pool, owner, leaseMs: 1_000 })
  await startReaders({ database, commits, feed, leases })
  tell('running')

  const shared = { database, commits, keys, journal: openJournal(file), beliefs: new Map(), stop: stopped.signal, progress: () => tell('answered') }
  await Promise.all(Array.from({ length: writers }, (_, index) => write({ ...shared, choices: choicesFrom(seed + index) })))
  tell('stopped')
}
