import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a new project may begin as, and what that is, as a phrase. The files stand in `templates`, compiled and tested like all others. */
export const templates = {
  service: 'one service: a theatre that sells seats',
  shop: 'three services: catalog, orders, payments; one process, or two by one word',
} as const
export type Template = keyof typeof templates

export interface ProjectNames {
  /** The app's; the one in the template's configuration file is the template's. */
  readonly name: string
  /** What package.json says for `banyan`: a version, an address, `file:…`. */
  readonly banyan: string
}

const home = fileURLToPath(new URL('../../templates/', import.meta.url))

/** The files of a new project by path, with slashes. */
export async function projectFiles(template: Template, names: ProjectNames): Promise<ReadonlyMap<string, string>> {
  const files = new Map([...(await read('project')), ...(await read(template))].map(([path, text]) => [path, named(path, text, template, names)] as const))
  // npm leaves files of that name out of packages
  files.set('.gitignore', files.get('gitignore')!)
  files.delete('gitignore')
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function read(folder: string): Promise<readonly (readonly [string, string])[]> {
  const root = join(home, folder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  // an app that was run in its template has left its data there
  const paths = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('.banyan')).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.map(async (path) => [relative(root, path).replaceAll(sep, '/'), await readFile(path, 'utf8')] as const))
}

function named(path: string, text: string, template: Template, { name, banyan }: ProjectNames): string {
  if (path === 'package.json') return packageJson(text, { name, banyan })
  if (path === 'banyan.config.ts') return text.replace(`app('${template}'`, `app('${name}'`)
  return path === 'README.md' ? text.replace(`# ${template}\n`, `# ${name}\n`) : text
}

function packageJson(text: string, { name, banyan }: ProjectNames): string {
  const manifest = JSON.parse(text) as { readonly dependencies: object }
  // npm knows no capital letters
  const own = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return `${JSON.stringify({ ...manifest, name: own, dependencies: { ...manifest.dependencies, banyan } }, undefined, 2)}\n`
}
