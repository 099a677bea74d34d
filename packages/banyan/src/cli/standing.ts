import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MOST_COUNTED } from '../events/subscription-state.ts'
import { BanyanError } from '../kernel/errors.ts'
import { placementOf, unitsOf } from '../runtime/placement.ts'
import { standingOf, type Standing, type SubscriptionStanding } from '../runtime/standing.ts'
import type { Sql } from '../store/sql.ts'
import type { WorkTrouble } from '../work/work-state.ts'
import { ageText, several } from './amounts.ts'
import type { Arguments } from './arguments.ts'
import type { Io } from './io.ts'
import { openDatabaseOf, reading, type LoadedProject } from './project.ts'
import type { Style } from './style.ts'

export type Rows = readonly (readonly string[])[]

/** How far services are, where that can be read; where it cannot, says why and answers nothing. */
export async function readStandings(project: LoadedProject, chosen: readonly string[], args: Arguments, io: Io): Promise<ReadonlyMap<string, Standing>> {
  if (hasNoDatabase(project, args, io)) {
    io.err.write('there is no database yet, so nothing has happened; `banyan dev` makes it\n')
    return new Map()
  }
  try {
    await using database = await openDatabaseOf(project, args, io)
    const pools = new Map<string, Sql>()
    const databaseOf = (service: string): Sql => {
      const pool = pools.get(service) ?? database.server.open(service, { connections: 1 }).pool
      pools.set(service, pool)
      return pool
    }
    const { services } = project.loaded
    return await reading(
      database,
      async () => new Map(await Promise.all(chosen.map(async (name) => [name, await standingOf(services, name, databaseOf)] as const))),
    )
  } catch (error) {
    if (!BanyanError.is(error) || error.code === 'usage' || error.code === 'invalid_topology') throw error
    io.err.write(`how far the services are cannot be read: ${error.message}\n`)
    return new Map()
  }
}

/** A server of the project's own that was never started holds nothing, and is not made only to be asked. */
export function hasNoDatabase({ app, directory }: LoadedProject, args: Arguments, { env }: Io): boolean {
  const topology = args.text('topology') ?? 'one'
  const { database } = placementOf(app, topology, Object.keys(unitsOf(app, topology))[0], { variables: env, addresses: {} })
  return database === undefined && !existsSync(join(directory, '.banyan'))
}

/** For the table of a service: what kind of thing, its name, how it is. */
export function standingRows({ subscriptions, sends }: Standing, style: Style): Rows {
  const { yellow, red } = style
  return [
    ...subscriptions.flatMap((subscription) => subscriptionRows(subscription, style)),
    ...(sends.waiting > 0 ? [['sends', `${counted(sends.waiting)} waiting`, `the oldest for ${ageText(sends.oldestMs)}`]] : []),
    ...sends.failing.map((trouble) => workRow(yellow('failing'), trouble)),
    ...sends.dead.map((trouble) => workRow(red('dead'), trouble)),
  ]
}

function subscriptionRows(state: SubscriptionStanding, { dim, yellow, red }: Style): Rows {
  const { subscription, source, events, oldestMs, failing, parked, rewound } = state
  const behind = events === 0 ? 'up to date' : yellow(`${counted(events)} behind, the oldest by ${ageText(oldestMs)}`)
  return [
    ['follows', `${subscription} of ${source}`, `${behind}  ${dim(ownersText(state))}`],
    ...(rewound ? [[red('failing'), source, 'its log was restored or replaced since: log_rewound']] : []),
    ...failing.map(({ partition, stream, attempts, error }) => [
      red('failing'),
      stream,
      `partition ${partition} is held up after ${several(attempts, 'attempt')}: ${error.message}`,
    ]),
    ...(parked.first
      ? [
          [
            red('parked'),
            several(parked.keys, 'key'),
            `${several(parked.events, 'event')} for an operator: ${parked.first.stream}: ${parked.first.error.message}`,
          ],
        ]
      : []),
  ]
}

function ownersText({ started, owners, ownerless }: SubscriptionStanding): string {
  if (!started) return 'never ran'
  const owned = owners.map(({ owner, partitions }) => `${several(partitions, 'partition')} at ${owner.split('/')[0]}`)
  return [...owned, ...(ownerless > 0 ? [`${several(ownerless, 'partition')} at nobody`] : [])].join(', ')
}

function workRow(what: string, { operation, count, attempts, error }: WorkTrouble): readonly string[] {
  return [what, operation, `${count} after ${several(attempts, 'attempt')}: ${error.message}`]
}

function counted(count: number): string {
  return count > MOST_COUNTED ? `more than ${MOST_COUNTED.toLocaleString('en')}` : count.toLocaleString('en')
}
