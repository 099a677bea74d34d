import { dirname } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { BanyanError } from '../kernel/errors.ts'
import type { App } from '../model/app.ts'
import { createLog, silentLog, type RootLog } from '../observe/log.ts'
import { loadApp, type LoadedApp } from '../runtime/load.ts'
import { placementOf, unitsOf, type Placement } from '../runtime/placement.ts'
import { openDatabase, verifyDatabase } from '../runtime/unit.ts'
import type { DatabaseServer } from '../store/server.ts'
import { misuse, type Arguments } from './arguments.ts'
import type { Options } from './options.ts'
import { findConfig, importConfig } from './config.ts'
import type { Io } from './io.ts'
import { nearest } from '../kernel/nearest.ts'

/** The app that a command is about. */
export interface Project {
  /** The folder of its configuration file; `.banyan` lies there. */
  readonly directory: string
  readonly app: App
}

export async function openProject(args: Arguments, io: Io): Promise<Project> {
  const file = await findConfig(io.cwd, args.text('config'))
  return { directory: dirname(file), app: await importConfig(file) }
}

export interface LoadedProject extends Project {
  readonly loaded: LoadedApp
}

export async function loadProject(args: Arguments, io: Io): Promise<LoadedProject> {
  const project = await openProject(args, io)
  return { ...project, loaded: await loadApp(project.app) }
}

/** Options of commands that are about a database. */
export const databaseOptions: Options = {
  topology: { type: 'text', value: 'NAME', help: "whose database; 'one' unless said" },
  unit: { type: 'text', value: 'NAME', help: 'only the services of this unit; all unless said' },
}

export interface ProjectDatabase extends AsyncDisposable {
  readonly loaded: LoadedApp
  readonly server: DatabaseServer
  readonly placement: Placement
  /** Those asked for. */
  readonly services: readonly string[]
}

/** The database of a topology, for administration: with one connection for each service asked for. Dispose of it. */
export async function openProjectDatabase(args: Arguments, io: Io): Promise<ProjectDatabase> {
  return openDatabaseOf(await loadProject(args, io), args, io)
}

/** The same of a project that is loaded, with some more connections. */
export async function openDatabaseOf({ loaded, directory, app }: LoadedProject, args: Arguments, io: Io, more = 0): Promise<ProjectDatabase> {
  const topology = args.text('topology') ?? 'one'
  const placement = scope(app, topology, args.text('unit'), io)
  const connections = placement.connections + more
  const server = await openDatabase({ loaded, placement: { ...placement, connections }, directory, log: projectLog(args, io) })
  return { loaded, server, placement, services: placement.services, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** One unit, or all units of a topology as if they were one. */
function scope(app: App, topology: string, unit: string | undefined, { env }: Io): Placement {
  const units = unitsOf(app, topology)
  const placement = placementOf(app, topology, unit ?? Object.keys(units)[0], { variables: env, addresses: {} })
  const services = unit === undefined ? Object.values(units).flat() : placement.services
  return { ...placement, services, connections: services.length }
}

/** What the framework has to say, beside the output proper: only where details are asked for. */
export function projectLog(args: Arguments, { err }: Io): RootLog {
  if (!args.flag('verbose')) return silentLog
  return createLog({ level: 'debug', pretty: true, destination: { write: (line) => err.write(err.terminal ? line : stripVTControlCharacters(line)) } })
}

/** Runs what reads the services' schemas; where it fails because they lack migrations, that is what is thrown. */
export async function reading<T>({ server, loaded, services }: ProjectDatabase, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const told = await server.explain(error)
    if (BanyanError.is(told, 'overloaded')) throw told
    await verifyDatabase(server, loaded, services)
    throw told
  }
}

/** The services named on the command line; all where none is. Throws `usage` for a name that is none. */
export function chosenServices(given: readonly string[], all: readonly string[]): readonly string[] {
  const unknown = given.find((name) => !all.includes(name))
  if (unknown === undefined) return given.length === 0 ? all : all.filter((name) => given.includes(name))
  const meant = nearest(unknown, all)
  throw misuse(`there is no service '${unknown}'; ${meant === undefined ? `there are ${all.join(', ')}` : `did you mean '${meant}'?`}`)
}
