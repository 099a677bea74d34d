import { eventLog } from '../../events/log.ts'
import type { Sql } from '../../store/sql.ts'
import type { Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { eventLines, eventTrees, followedLines, type Drawing } from '../event-lines.ts'
import { Follower } from '../event-follow.ts'
import { momentOf, newestEvents, passes, type EventFilter, type ListedEvent } from '../event-query.ts'
import type { Io } from '../io.ts'
import { chosenServices, databaseOptions, openProjectDatabase, reading, type ProjectDatabase } from '../project.ts'
import { styleOf } from '../style.ts'

const DEFAULT_LIMIT = 50

export const events: Command = {
  usage: '[service…]',
  purpose:
    'Shows the newest events of the services, oldest first: time, service, type, stream and version, who it was done for,\nwhat wrote it, and its data. With --tree they stand under what caused them, across services.\nEach log is read with the role of its own service.',
  options: {
    follow: { type: 'flag', short: 'f', help: 'go on with what happens from now on, until Ctrl-C' },
    tree: { type: 'flag', help: 'as trees of causes, one for each chain that a command began' },
    type: { type: 'text', value: 'NAME', help: 'only events of this type' },
    stream: { type: 'text', value: 'STREAM', help: 'only of a stream (order/0192…, order/…8f3e21aa) or a category (order)' },
    correlation: { type: 'text', value: 'ID', help: 'only of one chain; the beginning of the id will do' },
    since: { type: 'text', value: 'TIME', help: 'only later ones: 10m, 2h, 2026-11-21T08:00' },
    limit: { type: 'text', value: 'N', help: `at most so many; ${DEFAULT_LIMIT} unless said` },
    ...databaseOptions,
    json: { type: 'flag', help: 'a line of JSON for each event' },
  },
  positionals: [0, Infinity],
  examples: [
    { line: 'banyan events --follow --tree', does: 'watch what happens, and why' },
    { line: 'banyan events orders --type Placed --since 1h', does: 'orders placed in the last hour' },
    { line: 'banyan events --stream order/0192f0c2-… --json | jq .data', does: 'the history of one order' },
  ],
  async run(args, io) {
    const [filter, limit] = [filterOf(args), args.number('limit', 100_000) ?? DEFAULT_LIMIT]
    await using database = await openProjectDatabase(args, io)
    const pools = poolsOf(database, args)
    const { follower, newest } = await reading(database, async () => ({
      // first, so that nothing falls between the two
      follower: args.flag('follow') ? await Follower.at(new Map([...pools].map(([service, pool]) => [service, eventLog(pool)]))) : undefined,
      newest: await newestOf(pools, filter, limit),
    }))
    const show = shower(args, io, [...database.loaded.services.keys()])
    io.out.write(show.listed(newest))
    if (!follower) return
    follower.skip(newest)
    const onTrouble = (service: string, { message }: Error) => io.err.write(`the events of ${service} cannot be read, trying again: ${message}\n`)
    for await (const batch of follower.batches({ signal: io.untilStopped(), onTrouble }))
      io.out.write(show.followed(batch.filter((event) => passes(event, filter))))
  },
}

async function newestOf(pools: ReadonlyMap<string, Sql>, filter: EventFilter, limit: number): Promise<readonly ListedEvent[]> {
  const found = await Promise.all([...pools].map(([service, pool]) => newestEvents(pool, service, filter, limit)))
  return found.flat().sort(byTime).slice(-limit)
}

function filterOf(args: Arguments): EventFilter {
  const since = args.text('since')
  return {
    type: args.text('type'),
    stream: args.text('stream'),
    correlation: args.text('correlation'),
    since: since === undefined ? undefined : momentOf(since, new Date()),
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
