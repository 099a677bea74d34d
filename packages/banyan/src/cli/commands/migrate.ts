import { BanyanError } from '../../kernel/errors.ts'
import { makeRegistryTable } from '../../network/discovery/registry-table.ts'
import { needsAuthTables } from '../../runtime/stored-auth.ts'
import { migrationsOf } from '../../runtime/unit.ts'
import { makeAuthTables } from '../../security/auth-tables.ts'
import type { Command } from '../command.ts'
import { databaseOptions, openProjectDatabase, type ProjectDatabase } from '../project.ts'
import { styleOf } from '../style.ts'
import { table } from '../table.ts'

interface Migrated {
  readonly service: string
  /** `orders 0002_totals` */
  readonly migrations: readonly string[]
}

export const migrate: Command = {
  usage: '',
  purpose:
    'Brings the databases of the services up to date: makes schemas and roles where they are missing, then applies pending\nmigrations in order, each in a transaction of its own. It may run any number of times, and several times at once.\nRun it before `banyan start`, which only verifies; `banyan dev` migrates by itself.',
  options: {
    ...databaseOptions,
    'dry-run': { type: 'flag', help: 'only list what is pending; change nothing' },
    json: { type: 'flag', help: 'as JSON, for programs' },
  },
  examples: [
    { line: 'banyan migrate', does: 'the database of topology one: DATABASE_URL, or the embedded one' },
    { line: 'banyan migrate --topology split --unit sales', does: 'only what unit sales runs' },
    { line: 'banyan migrate --dry-run', does: 'what would be applied' },
  ],
  async run(args, io) {
    const dry = args.flag('dry-run')
    await using database = await openProjectDatabase(args, io)
    const found = await (dry ? pending(database) : applied(database))
    if (args.flag('json'))
      return io.out.write(`${JSON.stringify(Object.fromEntries(found.map(({ service, migrations }) => [service, migrations])), undefined, 2)}\n`)
    const { dim, green, yellow } = styleOf(io.out, io.env)
    const mark = dry ? yellow('pending') : green('applied')
    io.out.write(`${dim(database.server.address)}\n`)
    io.out.write(
      table(found.map(({ service, migrations }) => (migrations.length === 0 ? [service, dim('up to date')] : [service, mark, migrations.join(', ')]))),
    )
  },
}

async function applied({ server, loaded, services, placement }: ProjectDatabase): Promise<readonly Migrated[]> {
  await server.provision(services)
  // units that start may be users who can make no schema
  if (placement.registry.use.kind === 'postgres') await makeRegistryTable(server.admin, loaded.name)
  if (needsAuthTables(loaded.app.auth)) await makeAuthTables(server.admin, loaded.name)
  const done: Migrated[] = []
  for (const service of services) {
    const migrations = await server.migrate(service, await migrationsOf(loaded.services.get(service)!))
    done.push({ service, migrations: migrations.map(({ set, id, name }) => `${set} ${String(id).padStart(4, '0')}_${name}`) })
  }
  return done
}

function pending({ server, loaded, services }: ProjectDatabase): Promise<readonly Migrated[]> {
  return Promise.all(
    services.map(async (service) => {
      try {
        await server.verify(service, await migrationsOf(loaded.services.get(service)!))
        return { service, migrations: [] }
      } catch (error) {
        if (!BanyanError.is(error, 'migration_pending')) throw error
        return { service, migrations: error.details['pending'] as string[] }
      }
    }),
  )
}
