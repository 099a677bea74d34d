import { access, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BanyanError } from '../kernel/errors.ts'
import type { App } from '../model/app.ts'
import { appOf, whereAndWhat } from '../runtime/load.ts'

const names = ['banyan.config.ts', 'banyan.config.js', 'banyan.config.mjs']

/** The configuration file: the one given, or the nearest from the folder upward. Throws `invalid_configuration` where there is none. */
export async function findConfig(cwd: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return checked(resolve(cwd, given))
  for (let folder = cwd; ; folder = dirname(folder)) {
    for (const name of names) if (await exists(join(folder, name))) return join(folder, name)
    if (dirname(folder) === folder) break
  }
  throw new BanyanError('invalid_configuration', `there is no ${names[0]} in ${cwd} or a folder above; go to the app's folder, or name the file with --config`)
}

/** The app that a configuration file exports. Throws `invalid_configuration` where it cannot be imported, or exports something else. */
export async function importConfig(file: string): Promise<App> {
  return appOf((await imported(file)) as { readonly default?: unknown }, file)
}

async function imported(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if (BanyanError.is(error)) throw error
    throw new BanyanError('invalid_configuration', `${file} cannot be loaded; mend it: ${whereAndWhat(error)}`, { cause: error })
  }
}

async function checked(file: string): Promise<string> {
  if (!(await exists(file))) throw new BanyanError('invalid_configuration', `there is no file ${file}; correct --config`)
  if ((await stat(file)).isDirectory())
    throw new BanyanError('invalid_configuration', `${file} is a folder; name the file in it: --config ${join(file, names[0]!)}`)
  return file
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
