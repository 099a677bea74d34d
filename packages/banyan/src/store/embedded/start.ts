import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import type { Login } from '../address.ts'
import { program } from './binaries.ts'
import { initialise, isInitialised, storedPassword, type Listening } from './initialise.ts'
import { socketDirectory, type Place } from './place.ts'
import { clearStale, readPostmaster, runsHere, type Postmaster } from './postmaster.ts'
import { enter, type Presence } from './presence.ts'
import { programOptions, startFailure } from './programs.ts'
import { withStartLock } from './start-lock.ts'

// recovery after a crash reads at most max_wal_size of log, which is a matter of seconds
const START_WITHIN = 60_000
const LARGEST_LOG = 10_000_000

export interface Entered extends Presence {
  readonly login: Login
  /** Whether this process started the server. */
  readonly started: boolean
}

export interface StartOptions {
  readonly listening: Listening
  /** Whether a missing database is made, as at a first start; a database lost under a running app must not come back empty. */
  readonly create: boolean
}

/** Enters the server of the place, starting it where it does not run. Any number of processes may do it at once. */
export async function enterOrStart(place: Place, options: StartOptions): Promise<Entered> {
  return (await enterRunning(place)) ?? (await withStartLock(place.home, () => start(place, options)))
}

async function enterRunning(place: Place): Promise<Entered | undefined> {
  const postmaster = readPostmaster(place.data)
  if (!postmaster?.ready) return undefined
  isInitialised(place)
  const login = loginOf(place, postmaster)
  const presence = await enter(login, place.data)
  return presence && { ...presence, login, started: false }
}

async function start(place: Place, { listening, create }: StartOptions): Promise<Entered> {
  const deadline = performance.now() + START_WITHIN
  let launched = false
  for (;;) {
    const entered = await enterRunning(place)
    if (entered) return { ...entered, started: launched }
    const postmaster = readPostmaster(place.data)
    if (performance.now() > deadline) throw startFailure(`it was not ready within ${START_WITHIN / 1000} seconds; see ${place.log}`)
    // starting or stopping
    if (postmaster && runsHere(postmaster, place.data)) await systemClock.wait(5)
    else {
      if (postmaster) clearStale(place.data)
      if (!isInitialised(place)) {
        if (!create) throw new BanyanError('database_unreachable', `the database in ${place.data} is gone; it was removed while in use`)
        await initialise(place, listening)
      }
      launched = await launch(place)
      if (!launched) await systemClock.wait(50)
    }
  }
}

/** Starts the server; `true` when it is ready, `false` when remains of a killed one are still in the way and it should be tried again. */
async function launch(place: Place): Promise<boolean> {
  const log = openLog(place.log)
  try {
    const begin = fstatSync(log).size
    const where = storedPassword(place.home) === undefined ? ['-k', socketDirectory(place)] : []
    const child = spawn(program(place.binaries, 'postgres'), ['-D', place.data, ...where], {
      ...programOptions(place),
      detached: true,
      stdio: ['ignore', log, log],
    })
    const exit = once(child, 'exit').then(
      () => 'exit' as const,
      (error: unknown) => {
        throw startFailure(messageOf(error), error)
      },
    )
    child.unref()
    const deadline = performance.now() + START_WITHIN
    while ((await Promise.race([exit, systemClock.wait(3)])) !== 'exit') {
      const postmaster = readPostmaster(place.data)
      if (postmaster?.ready && postmaster.pid === child.pid) return true
      if (performance.now() > deadline) throw startFailure(`it was not ready within ${START_WITHIN / 1000} seconds; see ${place.log}`)
    }
    const said = textFrom(place.log, begin)
    if (/pre-existing shared memory block|lock file "[^"]*" already exists/.test(said)) return false
    throw startFailure(`the end of ${place.log} says:\n${said.trim().split('\n').slice(-15).join('\n')}`)
  } finally {
    closeSync(log)
  }
}

function loginOf(place: Place, { port, socket }: Postmaster): Login {
  const password = storedPassword(place.home)
  const base = { port, user: 'postgres', database: 'postgres', ssl: false }
  if (password !== undefined) return { ...base, host: '127.0.0.1', password }
  // the socket beside the data is ours also where the project was moved or copied since, which the recorded path does not know
  return { ...base, host: existsSync(join(place.data, `.s.PGSQL.${port}`)) ? place.data : socket }
}

function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_LOG) renameSync(path, `${path}.1`)
  return openSync(path, 'a', 0o600)
}

function textFrom(path: string, begin: number): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(Math.min(64_000, Math.max(0, fstatSync(file).size - begin)))
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, begin))
  } finally {
    closeSync(file)
  }
}
