import { join } from 'node:path'
import { systemClock } from '../kernel/clock.ts'
import { hasRegistryTable } from '../network/discovery/registry-table.ts'
import type { Instance } from '../network/discovery/registry.ts'
import { openRegistry } from '../runtime/open-registry.ts'
import { surroundingsOf } from '../runtime/placement.ts'
import type { UnitStatus } from '../runtime/unit-status.ts'
import { knownUnitSecret } from '../security/unit-secret.ts'
import { addressesOf } from './addresses.ts'
import type { Arguments } from './arguments.ts'
import { unitAsker, type Asked } from './ask-unit.ts'
import type { Io } from './io.ts'
import { openDatabaseOf, projectLog, type LoadedProject } from './project.ts'

/** One instance that the registry lists, and what it says of itself. */
export interface LiveInstance extends Instance, Asked {}

/** The running units of a topology. */
export interface LiveUnits extends AsyncDisposable {
  /** The instances of each unit now; a unit of which the registry says nothing in time is absent. */
  read(): Promise<ReadonlyMap<string, readonly LiveInstance[]>>
}

const PATIENCE_MS = 3_000
const LOOK_MS = 20

/** Opens the registry of the topology; answers nothing where there is but one unit, which nobody has to find, and where no unit ran yet. */
export async function openLiveUnits(project: LoadedProject, args: Arguments, io: Io): Promise<LiveUnits | undefined> {
  const { app, loaded, directory } = project
  const topology = args.text('topology') ?? 'one'
  const surroundings = surroundingsOf(app, topology, undefined, { variables: io.env, addresses: addressesOf(io) })
  if (surroundings.peers.length < 2) return undefined
  await using opened = new AsyncDisposableStack()
  const log = projectLog(args, io)
  const database = opened.use(await openDatabaseOf(project, args, io))
  // whoever only looks makes no table
  if (surroundings.registry.use.kind === 'postgres' && !(await hasRegistryTable(database.server.admin, loaded.name))) return undefined
  const registry = opened.use(openRegistry({ app: loaded.name, placement: { topology, ...surroundings }, sql: database.server.admin, log }))
  const ask = opened.use(unitAsker(loaded.name, io.env['BANYAN_SECRET'] ?? (await knownUnitSecret(join(directory, '.banyan')))))
  const units = surroundings.peers.map(({ unit }) => unit)
  const lists = new Map<string, readonly Instance[]>()
  for (const unit of units) opened.use(registry.watch(unit, (instances) => lists.set(unit, instances)))
  const kept = opened.move()

  return {
    async read() {
      const until = systemClock.monotonic() + PATIENCE_MS
      while (lists.size < units.length && systemClock.monotonic() < until) await systemClock.wait(LOOK_MS)
      const found = units.flatMap((unit) => (lists.has(unit) ? [[unit, lists.get(unit)!] as const] : []))
      return new Map(
        await Promise.all(
          found.map(
            async ([unit, instances]) =>
              [unit, await Promise.all(instances.map(async (instance) => ({ ...instance, ...(await ask.status(instance.url)) })))] as const,
          ),
        ),
      )
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** The status as it stands in tables: `ready`, `leaving`, or why nothing is known. */
export function stateOf({ status, trouble }: { readonly status: UnitStatus | undefined; readonly trouble: string | undefined }): string {
  return status?.state ?? trouble ?? 'unknown'
}
