import { access, readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BanyanError } from '../kernel/errors.ts'
import { misuse } from './arguments.ts'
import { version } from './version.ts'

/** Where the running package lies. */
const home = fileURLToPath(new URL('../..', import.meta.url))

/** How a project in `directory` names what `--banyan` gives: a file as seen from there, anything else as it was given. */
export async function givenPackage(given: string, cwd: string, directory: string): Promise<string> {
  const path = /^(?:file:|\.{1,2}(?:\/|$)|\/)|\.tgz$/.test(given) && !/^https?:/.test(given) ? given.replace(/^file:(?:\/\/)?/, '') : undefined
  if (path === undefined) return given
  if (!(await exists(resolve(cwd, path)))) throw misuse(`--banyan names the file ${resolve(cwd, path)}, which does not exist`)
  return seenFrom(directory, resolve(cwd, path))
}

/**
 * How a project in `directory` gets the package that is running: from the file or address that it was installed from, which npm has written
 * down beside it, else as a version of the registry.
 */
export async function runningPackage(directory: string, package_: string = home): Promise<string> {
  const modules = dirname(join(package_, '.'))
  const source = modules.endsWith(`${sep}node_modules`) ? await installedFrom(modules) : undefined
  if (source === undefined || /^https?:.*\/-\//.test(source)) return `^${version}`
  if (!source.startsWith('file:')) return source
  const file = resolve(dirname(modules), source.slice('file:'.length))
  if (await exists(file)) return seenFrom(directory, file)
  throw new BanyanError('invalid_configuration', `this command was installed from ${file}, which is not there any more; say with --banyan where the package is`)
}

/** What npm's own list of what is installed says. */
async function installedFrom(modules: string): Promise<string | undefined> {
  const text = await readFile(join(modules, '.package-lock.json'), 'utf8').catch(() => '{}')
  const { packages = {} } = JSON.parse(text) as { readonly packages?: Readonly<Record<string, { readonly resolved?: string }>> }
  return packages['node_modules/banyan']?.resolved
}

function seenFrom(directory: string, file: string): string {
  const path = relative(directory, file)
  return `file:${isAbsolute(path) ? path : path.replaceAll(sep, '/')}`
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
