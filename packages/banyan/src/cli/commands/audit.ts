import { nearest } from '../../kernel/nearest.ts'
import { operationsOf } from '../../model/contract.ts'
import type { LoadedApp } from '../../runtime/load.ts'
import type { Command } from '../command.ts'
import { auditEntries, type AuditEntry } from '../audit-query.ts'
import { timeText } from '../event-lines.ts'
import { momentOf } from '../moment.ts'
import { chosenServices, databaseOptions, loadProject, openDatabaseOf, reading } from '../project.ts'
import { styleOf, type Style } from '../style.ts'
import { table } from '../table.ts'

const DEFAULT_LIMIT = 50

export const audit: Command = {
  usage: '[service…]',
  purpose:
    'Shows who did what: the commands that were executed and the requests that access rules refused, oldest first, with the rule\nand what was lacking. Commands are those of the last 30 days, also what services did on behalf of somebody; what came of them\nis in `banyan events`, for good. Neither inputs nor answers are shown, and secrets are in neither place.',
  options: {
    subject: { type: 'text', value: 'NAME', help: 'only by this subject' },
    tenant: { type: 'text', value: 'NAME', help: 'only of this tenant' },
    operation: { type: 'text', value: 'NAME', help: 'only this operation: place' },
    refused: { type: 'flag', help: 'only what was refused' },
    since: { type: 'text', value: 'TIME', help: 'only later: 10m, 2h, 2026-11-21T08:00; a day ago unless said' },
    limit: { type: 'text', value: 'N', help: `at most so many; ${DEFAULT_LIMIT} unless said` },
    ...databaseOptions,
    json: { type: 'flag', help: 'a line of JSON for each' },
  },
  positionals: [0, Infinity],
  examples: [
    { line: 'banyan audit --subject ada --since 2h', does: 'what ada did, and tried to do' },
    { line: 'banyan audit orders --refused', does: 'who was refused what, and why' },
  ],
  async run(args, io) {
    const limit = args.number('limit', 100_000) ?? DEFAULT_LIMIT
    const filter = {
      subject: args.text('subject'),
      tenant: args.text('tenant'),
      operation: args.text('operation'),
      since: momentOf('since', args.text('since') ?? '24h', new Date()),
      refused: args.flag('refused'),
    }
    const project = await loadProject(args, io)
    const { loaded } = project
    const asked = chosenServices(args.positionals, [...loaded.services.keys()])
    await using database = await openDatabaseOf(project, args, io)
    const { server, services } = database
    const found = await reading(database, () =>
      Promise.all(
        chosenServices(args.positionals, services).map((service) => auditEntries(server.open(service, { connections: 1 }).pool, service, filter, limit)),
      ),
    )
    const newest = found
      .flat()
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .slice(-limit)
    if (args.flag('json')) return io.out.write(newest.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    if (newest.length === 0)
      return io.err.write(`${unknownOperation(filter.operation, asked, loaded) ?? 'nothing was done or refused in this time; --since looks further back'}\n`)
    io.out.write(auditTable(newest, styleOf(io.out, io.env), io.out.terminal ? (io.out.width ?? 80) : undefined))
  },
}

/** What is to be said of a name that no operation has. It may have had one before, so it is no misuse. */
function unknownOperation(name: string | undefined, asked: readonly string[], { services }: LoadedApp): string | undefined {
  const names = asked.flatMap((service) => operationsOf(services.get(service)!.contract).map((operation) => operation.name))
  if (name === undefined || names.includes(name)) return undefined
  const meant = nearest(name.slice(name.indexOf('.') + 1), names)
  return `nothing was done or refused, and no operation of ${asked.join(', ')} is called '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`
}

function auditTable(entries: readonly AuditEntry[], { dim, green, red }: Style, width: number | undefined): string {
  const rows = entries.map(({ at, decision, service, operation, subject, tenant, key, lacks, caller, times }) => [
    dim(timeText(at, { width })),
    decision === 'executed' ? green(decision) : red(decision),
    subject,
    dim(tenant),
    `${service}.${operation}`,
    times > 1 ? `${times} times` : '',
    dim(decision === 'executed' ? (key ?? '') : `lacks ${(lacks ?? []).join(', ')}${caller === null ? '' : `, asked by ${caller}`}`),
  ])
  return table(rows, { width })
}
