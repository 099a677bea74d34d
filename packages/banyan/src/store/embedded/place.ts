import { createHash } from 'node:crypto'
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { accountOf, accounts, isRoot, mayReach, type Account } from './account.ts'
import { findBinaries, usableBinaries, type Binaries } from './binaries.ts'

/** Where the embedded server of a project has what it needs. */
export interface Place {
  /** The project's own directory for Banyan: lock, log, and the database or a link to it. */
  readonly home: string
  /** PostgreSQL's data directory; may not exist yet. */
  readonly data: string
  readonly log: string
  /** Whom the server runs as, when not as this process. */
  readonly account: Account | undefined
  readonly binaries: Binaries
}

/**
 * Decides where the data directory is. Normally `<home>/postgres`; where root runs a project that no other user can reach, it is below
 * /var/lib/banyan, or in the temporary directory for a project that is there itself, and `<home>/postgres` is a link to it, so that it is
 * found again, also after the project was moved.
 */
export function findPlace(dataDirectory: string, found: Binaries = findBinaries()): Place {
  const home = ownHome(dataDirectory)
  const link = join(home, 'postgres')
  const account = isRoot() ? runner(link, home) : undefined
  const data = target(link) ?? (account && !mayReach(account, home) ? elsewhere(link, home, account) : link)
  const binaries = usableBinaries(found, account, () => (account ? sharedDirectory(home) : home))
  return { home, data, log: join(home, 'postgres.log'), account, binaries }
}

/** The directory of the server's socket: the data directory, unless the path of the socket would be longer than systems allow. */
export function socketDirectory({ data, account }: Pick<Place, 'data' | 'account'>): string {
  // sun_path holds 104 bytes on macOS and 108 on Linux
  if (Buffer.byteLength(join(data, '.s.PGSQL.5432')) <= 100) return data
  const short = shortDirectory(data)
  mkdirSync(short, { recursive: true, mode: 0o700 })
  const uid = account?.uid ?? process.getuid?.()
  const stat = lstatSync(short)
  if (account && stat.uid === 0 && stat.isDirectory()) chownSync(short, account.uid, account.gid)
  else if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    throw new BanyanError(
      'embedded_failed',
      `${short} is needed for the socket of the embedded server and belongs to someone else (uid ${stat.uid}, mode ${(stat.mode & 0o777).toString(8)}); remove it`,
    )
  }
  return short
}

/** Tidies up after a server that was stopped. */
export function removeSocketDirectory({ data }: Pick<Place, 'data'>): void {
  rmSync(shortDirectory(data), { recursive: true, force: true })
}

function shortDirectory(data: string): string {
  const name = `banyan-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`
  return join(Buffer.byteLength(tmpdir()) > 60 ? '/tmp' : tmpdir(), name)
}

function ownHome(dataDirectory: string): string {
  try {
    mkdirSync(dataDirectory, { recursive: true })
    return realpathSync(dataDirectory)
  } catch (error) {
    throw new BanyanError(
      'embedded_failed',
      `the directory ${dataDirectory} cannot be made (${messageOf(error)}); make the project writable or set DATABASE_URL to a server`,
      { cause: error },
    )
  }
}

function target(link: string): string | undefined {
  const stat = lstatSync(link, { throwIfNoEntry: false })
  if (!stat) return undefined
  if (existsSync(link)) return realpathSync(link)
  throw new BanyanError(
    'embedded_failed',
    `${link} points to ${readlinkSync(link)}, where the data was kept and is no more; put it back, or remove the link to begin with an empty database`,
  )
}

/** Who owns the data that is there, else the first account to whom this system lets us give a directory. */
function runner(link: string, home: string): Account {
  const data = target(link)
  if (data !== undefined) {
    const { uid } = statSync(data)
    const owner = uid === 0 ? undefined : accountOf(uid)
    if (owner) return owner
    const who = uid === 0 ? 'root, as whom PostgreSQL refuses to run' : `uid ${uid}, which has no name on this machine`
    throw new BanyanError('embedded_failed', `${data} belongs to ${who}; give it to another user with chown -R`)
  }
  const probe = mkdtempSync(join(home, 'probe-'))
  try {
    const fit = accounts().find((account) => canOwn(probe, account))
    if (fit) return fit
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
  throw new BanyanError(
    'embedded_failed',
    'PostgreSQL refuses to run as root, and this system has no other user for it; run as another user or set DATABASE_URL to a server',
  )
}

function canOwn(directory: string, { uid, gid }: Account): boolean {
  try {
    chownSync(directory, uid, gid)
    return true
  } catch {
    // not mapped in this user namespace: the next account may be
    return false
  }
}

function elsewhere(link: string, home: string, account: Account): string {
  const base = mkdtempSync(join(sharedDirectory(home), `${createHash('sha256').update(home).digest('hex').slice(0, 12)}-`))
  chownSync(base, account.uid, account.gid)
  const data = join(base, 'postgres')
  mkdirSync(data, { mode: 0o700 })
  chownSync(data, account.uid, account.gid)
  try {
    symlinkSync(data, link)
    return data
  } catch (error) {
    // another process was faster
    rmSync(base, { recursive: true })
    const theirs = target(link)
    if (theirs === undefined) throw error
    return theirs
  }
}

/** A directory of root's that everyone can pass through and only root can change. */
function sharedDirectory(home: string): string {
  const failures: string[] = []
  const temporary = join(tmpdir(), 'banyan-root')
  // a project that is there for a while only leaves nothing in a place that lasts
  const candidates = home.startsWith(realpathSync(tmpdir()) + sep) ? [temporary] : ['/var/lib/banyan', temporary]
  for (const directory of candidates) {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o755 })
      const { uid, mode } = lstatSync(directory)
      if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`it belongs to uid ${uid} with mode ${(mode & 0o777).toString(8)}`)
      chmodSync(directory, 0o755)
      const outside = accounts()[0]
      if (outside && !mayReach(outside, dirname(directory))) throw new Error('others cannot reach it')
      return directory
    } catch (error) {
      failures.push(`${directory}: ${messageOf(error)}`)
    }
  }
  throw new BanyanError(
    'embedded_failed',
    `no directory was found for the embedded server's data that it can reach (${failures.join('; ')}); move the project to where other users may enter, or set DATABASE_URL`,
  )
}
