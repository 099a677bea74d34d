/**
 * Before `npm pack` and `npm publish`: compiles the package and points its package.json at the compiled files. After it: puts everything
 * back. What a failed or killed run left behind is put back by the next one, or by `node scripts/pack.ts restore`.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const home = `${root}packages/banyan/`
const kept = `${root}packages/banyan/package.source.json`

type Exports = Readonly<Record<string, string>>
interface Manifest {
  readonly exports: Exports
  readonly [key: string]: unknown
}

/** The package.json of the published package: compiled files and their declarations, nothing that only the repository needs. */
export function publishedManifest(source: Manifest): object {
  const { scripts: _scripts, devDependencies: _devDependencies, exports, ...rest } = source
  return { ...rest, exports: Object.fromEntries(Object.entries(exports).map(([entry, path]) => [entry, compiled(path)])) }
}

function compiled(path: string): string | object {
  const match = /^\.\/src\/(.*)\.ts$/.exec(path)
  return match ? { types: `./dist/${match[1]}.d.ts`, default: `./dist/${match[1]}.js` } : path
}

/** Compiles `src` to `dist`; throws where something would not work there. */
function build(): void {
  rmSync(`${home}dist`, { recursive: true, force: true })
  const options = ['--noEmit', 'false', '--rewriteRelativeImportExtensions', '--rootDir', `${home}src`, '--outDir', `${home}dist`]
  const { status } = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', home, ...options], { stdio: ['ignore', process.stderr.fd, process.stderr.fd] })
  if (status !== 0) throw new Error('the package does not compile')
  for (const path of globSync('**/*', { cwd: `${home}src`, withFileTypes: true })) {
    const from = `${path.parentPath}/${path.name}`
    if (path.isFile() && !from.endsWith('.ts')) cpSync(from, from.replace(`${home}src`, `${home}dist`))
  }
  const stuck = globSync('**/*.js', { cwd: `${home}dist` }).filter((path) =>
    /(?:new URL|resolve)\(['"`]\.[^'"`]*\.ts['"`]/.test(readFileSync(`${home}dist/${path}`, 'utf8')),
  )
  if (stuck.length > 0)
    throw new Error(`dist/${stuck.join(', dist/')} names a .ts file by its address, which is not there once compiled; derive the ending from import.meta.url`)
}

function prepare(): void {
  restore()
  build()
  copyFileSync(`${home}package.json`, kept)
  const manifest = publishedManifest(JSON.parse(readFileSync(kept, 'utf8')) as Manifest)
  writeFileSync(`${home}package.json`, `${JSON.stringify(manifest, null, 2)}\n`)
}

function restore(): void {
  if (existsSync(kept)) renameSync(kept, `${home}package.json`)
}

if (import.meta.main) {
  const steps: Readonly<Record<string, () => void>> = { prepare, restore }
  const step = steps[process.argv[2] ?? '']
  if (!step) throw new Error(`node scripts/pack.ts ${Object.keys(steps).join('|')}`)
  step()
}
