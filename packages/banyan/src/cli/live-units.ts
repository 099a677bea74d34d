import { join } from 'node:path'
import { systemClock } from '../kernel/clock.ts'
import { Lifecycle } from '../kernel/lifecycle.ts'
import { hasRegistryTable } from '../network/discovery/registry-table.ts'
import type { Instance } from '../network/discovery/registry.ts'
import { openRegistry } from '../runtime/open-registry.ts'
import { surroundingsOf } from '../runtime/placement.ts'
import type { UnitStatus } from '../runtime/unit-status.ts'
import { knownUnitSecret } from '../security/unit-secret.ts'
import { addressesOf } from './addresses.ts'
import type { Arguments } from './arguments.ts'
import { readTls } from '../security/read-tls.ts'
import { unitAsker, type Asked } from './ask-unit.ts'
import type { Io } from './io.ts'
import { loneUnit } from './lone-unit.ts'
import { portOf } from './ports.ts'
import { openDatabaseOf, projectLog, type LoadedProject } from './project.ts'

/** One instance that the registry lists, and what it says of itself. */
export interface LiveInstance extends Instance, Asked {}

/** The running units of a topology. */
export interface LiveUnits extends AsyncDisposable {
  /** Whether there is but one, which is in no registry. */
  readonly isLone: boolean
  /** The instances of each unit now; a unit of which the registry says nothing in time is absent. */
  read(): Promise<ReadonlyMap<string, readonly LiveInstance[]>>
}

type Surroundings = ReturnType<typeof surroundingsOf>

const PATIENCE_MS = 3_000
const LOOK_MS = 20

/** Opens the registry of the topology, or finds its only unit; answers nothing where no unit ran yet. */
export async function openLiveUnits(project: LoadedProject, args: Arguments, io: Io): Promise<LiveUnits | undefined> {
  const { app } = project
  const topology = args.text('topology') ?? 'one'
  const surroundings = surroundingsOf(app, topology, undefined, { variables: io.env, addresses: addressesOf(io) })
  const [only, ...others] = surroundings.peers
  if (only && others.length === 0) return loneUnit({ name: project.loaded.name, directory: project.directory }, only.unit, portOf(args, io), io)
  const opened = new Lifecycle()
  try {
    const read = await reader(project, surroundings, { args, io, topology, opened })
    if (read) return { isLone: false, read, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
  } catch (error) {
    await opened[Symbol.asyncDispose]()
    throw error
  }
  await opened[Symbol.asyncDispose]()
  return undefined
}

interface Opening {
  readonly args: Arguments
  readonly io: Io
  readonly topology: string
  readonly opened: Lifecycle
}

async function reader(project: LoadedProject, surroundings: Surroundings, { args, io, topology, opened }: Opening): Promise<LiveUnits['read'] | undefined> {
  const { loaded, directory } = project
  const { admin } = opened.add('the database', await openDatabaseOf(project, args, io)).server
  // whoever only looks makes no table
  if (surroundings.registry.use.kind === 'postgres' && !(await hasRegistryTable(admin, loaded.name))) return undefined
  const registry = opened.add(
    'the registry',
    openRegistry({ app: loaded.name, placement: { topology, ...surroundings }, sql: admin, log: projectLog(args, io) }),
  )
  const secret = io.env['BANYAN_SECRET'] ?? (await knownUnitSecret(join(directory, '.banyan')))
  const ask = opened.add('the units', unitAsker(loaded.name, secret, await readTls(undefined, io.env)))
  const units = surroundings.peers.map(({ unit }) => unit)
  const lists = new Map<string, readonly Instance[]>()
  for (const unit of units) registry.watch(unit, (instances) => lists.set(unit, instances))
  const asked = async (instance: Instance): Promise<LiveInstance> => ({ ...instance, ...(await ask.status(instance.url)) })

  return async () => {
    const until = systemClock.monotonic() + PATIENCE_MS
    while (lists.size < units.length && systemClock.monotonic() < until) await systemClock.wait(LOOK_MS)
    const known = units.flatMap((unit) => (lists.has(unit) ? [[unit, lists.get(unit)!] as const] : []))
    return new Map(await Promise.all(known.map(async ([unit, instances]) => [unit, await Promise.all(instances.map(asked))] as const)))
  }
}

/** The status as it stands in tables: `ready`, `leaving`, or why nothing is known. */
export function stateOf({ status, trouble }: { readonly status: UnitStatus | undefined; readonly trouble: string | undefined }): string {
  return status?.state ?? trouble ?? 'unknown'
}
