import { eventsOf, operationsOf } from '../../model/contract.ts'
import type { App } from '../../model/app.ts'
import type { AnyEvent } from '../../model/event.ts'
import type { ServiceFacts } from '../../model/service.ts'
import { accessOf } from '../../runtime/invoke.ts'
import { unitsOf } from '../../runtime/placement.ts'
import { misuse } from '../arguments.ts'
import type { Command } from '../command.ts'
import { liveTables, readLive, watchLive } from '../live-reading.ts'
import { instanceRows } from '../live-tables.ts'
import { chosenServices, databaseOptions, loadProject } from '../project.ts'
import { readStandings, standingRows, type Rows } from '../standing.ts'
import { styleOf, type Style } from '../style.ts'
import { table } from '../table.ts'

/** What there is to tell of a service. */
interface Description {
  readonly name: string
  readonly operations: readonly { readonly name: string; readonly kind: 'command' | 'query'; readonly http: string | undefined; readonly access: string }[]
  readonly events: readonly { readonly name: string; readonly version: number }[]
  readonly reactions: readonly { readonly subscription: string; readonly event: string }[]
  readonly projections: readonly { readonly name: string; readonly version: number; readonly events: readonly string[] }[]
  readonly uses: readonly string[]
  /** The unit it runs in, by topology. */
  readonly units: Readonly<Record<string, string>>
}

export const services: Command = {
  usage: '[service…]',
  purpose:
    'Describes the services of the app: their operations, the events they publish, the events they react to and project,\nthe services they use, and the unit each topology runs them in. Then how far they are: for each log that they follow,\nhow many events they are behind, who owns its partitions, what fails and what is parked; and the sends that wait or are\ndead. That is read from the database, so it does not matter where the app runs, or whether it does. Of units\nthat run, also their instances, how each fares on its ways to the others, and what they are asked: for each operation,\nroute and upstream how often, how much of it fails, how long it takes, and what is cached, limited and denied. A single\nunit is asked at BANYAN_URL, or at PORT, or 3000, of this machine.',
  options: {
    declared: { type: 'flag', help: 'only what the code says; no database is asked' },
    topology: databaseOptions['topology']!,
    watch: { type: 'flag', help: 'the instances, their ways and what they are asked only, again and again' },
    json: { type: 'flag', help: 'as JSON, for programs' },
  },
  positionals: [0, Infinity],
  examples: [
    { line: 'banyan services', does: 'all services' },
    { line: 'banyan services orders', does: 'only orders' },
    { line: 'watch banyan services orders', does: 'see it catch up' },
    { line: 'banyan services --watch', does: 'see what is asked, and what fails' },
    { line: 'banyan services --topology split --watch', does: 'see how units fare with each other' },
    { line: "banyan services --json | jq '.[].standing.subscriptions[] | select(.events > 0)'", does: 'what is behind' },
  ],
  async run(args, io) {
    const project = await loadProject(args, io)
    const { loaded, app } = project
    const chosen = chosenServices(args.positionals, [...loaded.services.keys()])
    if (args.flag('watch') && args.flag('declared')) throw misuse('--watch is about what runs, and --declared about what the code says; leave one out')
    const topology = args.text('topology') ?? 'one'
    // whether there is such a one
    unitsOf(app, topology)
    if (args.flag('watch')) return watchLive(project, args, io)
    const standings = args.flag('declared') ? undefined : await readStandings(project, chosen, args, io)
    const live = args.flag('declared') ? undefined : await readLive(project, args, io)
    const unitOf = (service: string) => unitWith(app, topology, service)[0]!
    const found = chosen.map((name) => ({
      ...describe(app, name, loaded.services.get(name)!),
      ...(standings && { standing: standings.get(name) ?? null }),
      ...(live && { instances: live.get(unitOf(name)) ?? null }),
    }))
    if (args.flag('json')) return io.out.write(`${JSON.stringify(found, undefined, 2)}\n`)
    const style = styleOf(io.out, io.env)
    const sections = found.map(({ standing, instances, ...service }) =>
      section(
        service,
        [...(live ? instanceRows(unitOf(service.name), instances ?? undefined, style) : []), ...(standing ? standingRows(standing, style) : [])],
        style,
      ),
    )
    io.out.write([...sections, ...(live ? liveTables(live, style) : [])].join('\n'))
  },
}

function describe(app: App, name: string, { contract, policies, reactions, projections, uses }: ServiceFacts): Description {
  const label = (event: AnyEvent) => `${event.service ?? event.aggregate}.${event.name}`
  return {
    name,
    operations: operationsOf(contract).map((operation) => ({
      name: operation.name,
      kind: operation.kind,
      http: operation.facts.http,
      access: accessOf(operation, policies[operation.name]?.access).text,
    })),
    events: eventsOf(contract).map((event) => ({ name: event.name, version: event.version })),
    reactions: reactions.map(({ subscription, event }) => ({ subscription, event: label(event) })),
    projections: projections.map((projection) => ({
      name: projection.name,
      version: projection.version,
      events: projection.on.map(({ event }) => label(event)),
    })),
    uses: Object.keys(uses),
    units: Object.fromEntries(Object.keys(app.topologies).flatMap((topology) => unitWith(app, topology, name).map((unit) => [topology, unit]))),
  }
}

function unitWith(app: App, topology: string, service: string): string[] {
  const found = Object.entries(unitsOf(app, topology)).find(([, names]) => names.includes(service))
  return found ? [found[0]] : []
}

function section({ name, operations, events, reactions, projections, uses, units }: Description, standing: Rows, { bold, dim, red }: Style): string {
  const rows = [
    ...operations.map(({ kind, name: operation, http, access }) => [
      kind,
      operation,
      http ?? dim('no route'),
      access.startsWith('nobody') ? red(access) : dim(access),
    ]),
    ...events.map(({ name: event, version }) => ['event', event, dim(`version ${version}`)]),
    ...reactions.map(({ subscription, event }) => ['reacts to', event, dim(subscription)]),
    ...projections.map(({ name: projection, version, events: from }) => ['projects', `${projection}@${version}`, dim(`from ${from.join(', ')}`)]),
    ...uses.map((used) => ['uses', used]),
    ...Object.entries(units).map(([topology, unit]) => ['runs in', unit, dim(`of topology ${topology}`)]),
    ...standing,
  ]
  return `${bold(name)}\n${table(
    rows.map(([what, ...rest]) => [dim(what!), ...rest]),
    { indent: '  ' },
  )}`
}
