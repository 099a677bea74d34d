import { randomBytes } from 'node:crypto'
import type { MigrationSet } from './migration.ts'
import { quoted, serviceNames } from './names.ts'
import type { DatabaseServer } from './server.ts'
import type { ServiceDatabase } from './service-database.ts'

/** A schema beside those of the services, with a role of its own, for something to be tried out in. Disposing closes it and leaves it there. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly database: ServiceDatabase
  /** SQL that removes it. */
  readonly removal: string
  /** Closes and removes it. */
  remove(): Promise<void>
}

/** Makes a schema named after the service, and its tables. Throws `database_roles` where schemas may not be made, and `migration_failed`. */
export async function scratchDatabase(
  server: DatabaseServer,
  service: string,
  sets: readonly MigrationSet[],
  options: { readonly connections: number },
): Promise<ScratchDatabase> {
  const name = `${service}_replay_${randomBytes(3).toString('hex')}`
  const { schema, owner, role } = serviceNames(server.app, name)
  const removal = `drop schema ${quoted(schema)} cascade; drop role ${quoted(role)}; drop role ${quoted(owner)};`
  await server.provision([name])
  try {
    await server.migrate(name, sets)
    const database = server.open(name, options)
    const close = () => database[Symbol.asyncDispose]()
    return {
      database,
      removal,
      remove: async () => {
        await close()
        await server.admin.query(removal)
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await server.admin.query(removal)
    throw error
  }
}
