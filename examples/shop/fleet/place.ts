import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { testInstallation } from 'banyan/testing'
import type { StartOptions } from '../shop.ts'

/** Where a shop lives that may be killed. Disposing of it stops its database, and removes what is temporary; stop the shop before. */
export interface Place extends AsyncDisposable {
  readonly options: StartOptions & { readonly directory: string }
  /** Whether the database may be killed: it is embedded, and nobody else's. */
  readonly killable: boolean
  /** For what people are told: `embedded`, or `at DATABASE_URL`. */
  readonly database: string
}

/** Schemas and roles of its own on the server at `url`. */
export async function placeAt(url: string): Promise<Place> {
  process.env['TEST_DATABASE_URL'] = url
  const installation = await testInstallation()
  return { options: installation.options, killable: false, database: 'at DATABASE_URL', [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose]() }
}

/** A temporary directory with an embedded database in it. */
export async function embeddedPlace(): Promise<Place> {
  const place = await placeIn(await mkdtemp(join(tmpdir(), 'shop-crash-')))
  return {
    ...place,
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]()
      await rm(place.options.directory, { recursive: true, force: true })
    },
  }
}

/** A directory with an embedded database in it, both of which stay. */
export async function placeIn(directory: string): Promise<Place> {
  await mkdir(directory, { recursive: true })
  // where root runs it, PostgreSQL runs as another user, who has to get there
  await chmod(directory, 0o755)
  return {
    options: { directory, development: true },
    killable: true,
    database: 'embedded',
    [Symbol.asyncDispose]: () => stopDatabase(directory),
  }
}

/** Stops the server that the last unit would have stopped, had it not been killed. */
async function stopDatabase(directory: string): Promise<void> {
  const postmaster = postmasterOf(directory)
  if (postmaster === undefined || !signalled(postmaster, 'SIGINT')) return
  while (postmasterOf(directory) === postmaster) await wait(20)
}

/** Kills the embedded server with all its processes; `false` when it was not running. */
export function killDatabase({ options: { directory } }: Place): boolean {
  const postmaster = postmasterOf(directory)
  if (postmaster === undefined) return false
  const others = childrenOf(postmaster)
  return [postmaster, ...others].filter((pid) => signalled(pid, 'SIGKILL')).length > 0
}

/** Kills one process of the embedded server; the others notice, throw everybody out and recover. */
export function killConnection({ options: { directory } }: Place, pick: (pids: readonly number[]) => number): boolean {
  const postmaster = postmasterOf(directory)
  const others = postmaster === undefined ? [] : childrenOf(postmaster)
  return others.length > 0 && signalled(pick(others), 'SIGKILL')
}

function postmasterOf(directory: string): number | undefined {
  const data = join(directory, '.banyan', 'postgres')
  const file = join(data, 'postmaster.pid')
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
  return pid > 0 && worksIn(pid, data) ? pid : undefined
}

/** The file outlives a killed server, and then its number may be another process's. */
function worksIn(pid: number, data: string): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data)
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(data)
  } catch {
    return false // there is no such process
  }
}

function childrenOf(pid: number): number[] {
  const list = `/proc/${pid}/task/${pid}/children`
  try {
    const text = existsSync(list) ? readFileSync(list, 'utf8') : execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    return text.split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return [] // it is gone, or has none
  }
}

function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false // gone already
  }
}
