import { eventLog, type StreamRange } from '../../events/log.ts'
import type { Sql } from '../../store/sql.ts'
import { misuse, type Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { namesIn, nothingFound } from '../event-hints.ts'
import { eventLines, eventTrees, followedLines, type Drawing } from '../event-lines.ts'
import { Follower } from '../event-follow.ts'
import { newestEvents, passes, type EventFilter, type ListedEvent } from '../event-query.ts'
import { findStream, pastStream, stateText } from '../event-state.ts'
import type { Io } from '../io.ts'
import { momentOf } from '../moment.ts'
import { chosenServices, databaseOptions, openProjectDatabase, reading, type ProjectDatabase } from '../project.ts'
import { replay } from '../replay.ts'
import { styleOf } from '../style.ts'

const DEFAULT_LIMIT = 50

export const events: Command = {
  usage: '[service…]',
  purpose:
    'Shows the newest events of the services, oldest first: time, service, type, stream and version, who it was done for,\nwhat wrote it, and its data. With --tree they stand under what caused them, across services.\nWith --at they are those of the past; with one --stream as well, its state at that time follows: what its aggregate makes of\nthe events up to then. With --replay a projection is run over all events into tables of its own, to see how fast it is and\nwhether the live tables are what it makes of them; exit code 1 where they are not.\nEach log is read with the role of its own service.',
  options: {
    follow: { type: 'flag', short: 'f', help: 'go on with what happens from now on, until Ctrl-C' },
    tree: { type: 'flag', help: 'as trees of causes, one for each chain that a command began' },
    type: { type: 'text', value: 'NAME', help: 'only events of this type' },
    stream: { type: 'text', value: 'STREAM', help: 'only of a stream (order/0192…, order/…8f3e21aa) or a category (order)' },
    correlation: { type: 'text', value: 'ID', help: 'only of one chain; the beginning of the id will do' },
    since: { type: 'text', value: 'TIME', help: 'only later ones: 10m, 2h, 2026-11-21T08:00' },
    at: { type: 'text', value: 'TIME', help: "only up to then, and the state of --stream at that time: '15m ago', 2026-11-21T08:00Z" },
    version: { type: 'text', value: 'N', help: 'the state of --stream after so many events' },
    replay: { type: 'text', value: 'PROJECTION', help: 'run it into a scratch schema, up to now or --at, and compare with the live tables' },
    keep: { type: 'flag', help: 'leave the schema of --replay there, to be looked at' },
    limit: { type: 'text', value: 'N', help: `at most so many; ${DEFAULT_LIMIT} unless said` },
    ...databaseOptions,
    json: { type: 'flag', help: 'a line of JSON for each event' },
  },
  positionals: [0, Infinity],
  examples: [
    { line: 'banyan events --follow --tree', does: 'watch what happens, and why' },
    { line: 'banyan events orders --type Placed --since 1h', does: 'orders placed in the last hour' },
    { line: 'banyan events --stream order/0192f0c2-… --json | jq .data', does: 'the history of one order' },
    { line: 'banyan events --replay sales-by-month', does: 'what a rebuild would take, and would change' },
    { line: "banyan events --stream order/…8f3e21aa --at '15m ago'", does: 'what the order was a quarter of an hour ago' },
    { line: 'banyan events --stream order/…8f3e21aa --version 2 --json | jq .state', does: 'what its second event made of it' },
  ],
  async run(args, io) {
    const replayed = args.text('replay')
    if (replayed !== undefined) return replay(replayed, replayUntil(args), args, io)
    if (args.flag('keep')) throw misuse('--keep is about the schema of --replay')
    const [filter, limit] = [filterOf(args), args.number('limit', 100_000) ?? DEFAULT_LIMIT]
    const past = pastOf(args, filter)
    // from here on, so that a database that was started for it is stopped again
    const stop = args.flag('follow') ? io.untilStopped() : undefined
    await using database = await openProjectDatabase(args, io)
    const pools = poolsOf(database, args)
    if (past) return await showPast(database, pools, past, limit, args, io)
    const { follower, newest } = await reading(database, async () => ({
      // first, so that nothing falls between the two
      follower: args.flag('follow') ? await Follower.at(new Map([...pools].map(([service, pool]) => [service, eventLog(pool)]))) : undefined,
      newest: await newestOf(pools, filter, limit),
    }))
    const show = shower(args, io, [...database.loaded.services.keys()])
    io.out.write(show.listed(newest))
    // beside the output, which is for programs as well
    if (newest.length === 0 && limit > 0) io.err.write(nothingFound(filter, [...pools.keys()], await Promise.all([...pools.values()].map(namesIn))))
    if (!follower || !stop) return
    follower.skip(newest)
    const onTrouble = (service: string, { message }: Error) => io.err.write(`the events of ${service} cannot be read, trying again: ${message}\n`)
    for await (const batch of follower.batches({ signal: stop, onTrouble })) io.out.write(show.followed(batch.filter((event) => passes(event, filter))))
  },
}

/** Until when a replay goes. Throws `usage` for options that choose among events: a projection is made of all. */
function replayUntil(args: Arguments): Date | undefined {
  for (const other of ['type', 'stream', 'correlation', 'since', 'version', 'limit', 'follow', 'tree'])
    if (args.text(other)) throw misuse(`--${other} chooses among events, and --replay needs all that the projection listens to; leave it out`)
  return filterOf(args).until
}

/** A point in one stream's past. */
interface Past {
  readonly stream: string
  readonly range: StreamRange
}

/** What is asked of one stream's past, if that is what is asked. */
function pastOf(args: Arguments, { stream, until }: EventFilter): Past | undefined {
  const version = args.number('version', 2_147_483_647)
  for (const other of ['follow', 'tree'].filter((flag) => args.flag(flag)))
    if (until ?? version) throw misuse(`--${other} is about what happens, --at and --version about what was; leave one out`)
  if (version === undefined) return until !== undefined && stream?.includes('/') ? { stream, range: { at: until } } : undefined
  if (until !== undefined) throw misuse('--version and --at both say which state of the stream is meant; leave one out')
  if (!stream?.includes('/')) throw misuse('--version is that of one stream; name it with --stream, as in --stream order/0192…')
  return { stream, range: { version } }
}

async function showPast(
  database: ProjectDatabase,
  pools: ReadonlyMap<string, Sql>,
  { stream, range }: Past,
  limit: number,
  args: Arguments,
  io: Io,
): Promise<void> {
  const past = await reading(database, async () => {
    const found = await findStream(pools, stream)
    return pastStream(database.loaded, pools.get(found.service)!, found, range, limit)
  })
  if (args.flag('json')) return io.out.write(`${JSON.stringify(past)}\n`)
  const style = styleOf(io.out, io.env)
  const lines = shower(args, io, [...database.loaded.services.keys()]).listed(past.events)
  io.out.write(`${lines}${lines === '' ? '' : '\n'}${stateText(past, style, io.out.width)}`)
}

async function newestOf(pools: ReadonlyMap<string, Sql>, filter: EventFilter, limit: number): Promise<readonly ListedEvent[]> {
  const found = await Promise.all([...pools].map(([service, pool]) => newestEvents(pool, service, filter, limit)))
  return found.flat().sort(byTime).slice(-limit)
}

function filterOf(args: Arguments): EventFilter {
  const [since, at] = [args.text('since'), args.text('at')]
  const now = new Date()
  const until = at === undefined ? undefined : momentOf('at', at, now)
  if (until && until > now) throw misuse(`--at is ${until.toISOString()}, and it is ${now.toISOString()} now; what will be is in no log`)
  return {
    type: args.text('type'),
    stream: args.text('stream'),
    correlation: args.text('correlation'),
    since: since === undefined ? undefined : momentOf('since', since, now),
    until,
  }
}

function poolsOf({ server, services }: ProjectDatabase, args: Arguments): ReadonlyMap<string, Sql> {
  return new Map(chosenServices(args.positionals, services).map((service) => [service, server.open(service, { connections: 1 }).pool]))
}

interface Shower {
  listed(events: readonly ListedEvent[]): string
  followed(events: readonly ListedEvent[]): string
}

function shower(args: Arguments, io: Io, services: readonly string[]): Shower {
  if (args.flag('json')) {
    const lines = (events: readonly ListedEvent[]) => events.map(({ service, ...event }) => `${JSON.stringify({ service, ...event })}\n`).join('')
    return { listed: lines, followed: lines }
  }
  const drawing: Drawing = { style: styleOf(io.out, io.env), width: io.out.terminal ? (io.out.width ?? 80) : undefined, services, widths: [] }
  const lines = (events: readonly ListedEvent[]) => eventLines(events, drawing)
  if (!args.flag('tree')) return { listed: lines, followed: lines }
  const followed = followedLines(drawing)
  return args.flag('follow') ? { listed: followed, followed } : { listed: (events) => eventTrees(events, drawing), followed }
}

function byTime(a: ListedEvent, b: ListedEvent): number {
  return a.at.getTime() - b.at.getTime() || a.position - b.position
}
