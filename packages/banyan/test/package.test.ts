import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './house/source.ts'
import { pack } from './pack.ts'

const MINUTES = 60_000
const REASON = 'takes a minute and the package registry: set PACKAGE=1'

const app = `import { anyone, app, contract, implement, query } from 'banyan'
import { z } from 'zod'

export const hello = contract('hello', {
  greet: query({ http: 'GET /hello/:name', input: z.object({ name: z.string() }), output: z.string() }),
})
export const { handler, service } = implement(hello)
export const greet = handler(hello.greet, ({ name }) => \`Hello \${name}\`)
const helloService = service({ handlers: { greet }, policies: { greet: { access: anyone() } } })
export default app('hello', { services: { hello: async () => ({ default: helloService }) } })
`

/** What a stranger gets: the packed package, installed in a project that knows nothing of this repository. */
let folder: string
let project: string
const asked = process.env['PACKAGE'] === '1'

describe('the published package', () => {
  beforeAll(() => {
    if (!asked) return
    folder = mkdtempSync(join(tmpdir(), 'banyan-package-'))
    project = install(pack(folder))
  }, 5 * MINUTES)
  afterAll(() => rmSync(folder ?? '', { recursive: true, force: true }))

  test('holds compiled files, without sources and tests', ({ skip }) => {
    if (!asked) skip(REASON)
    const files = globSync('**/*', { cwd: join(project, 'node_modules/banyan') }).filter((path) => /^(?!templates).*\.[jt]s$/.test(path))
    expect(files).toContain('dist/index.js')
    expect(files, 'the page of the reference').toContain('dist/network/http/reference/reference.js')
    expect(files.filter((path) => path.includes('.test.') || (path.endsWith('.ts') && !path.endsWith('.d.ts')))).toEqual([])
  })

  test('has entry points that exist and load', ({ skip }) => {
    if (!asked) skip(REASON)
    const { exports } = JSON.parse(readFileSync(join(project, 'node_modules/banyan/package.json'), 'utf8')) as {
      exports: Record<string, string | Record<string, string>>
    }
    const paths = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)))
    expect(paths.filter((path) => !existsSync(join(project, 'node_modules/banyan', path)))).toEqual([])
    expect(run('node', ['--input-type=module', '-e', "console.log(typeof (await import('banyan')).app, typeof (await import('banyan/testing')))"])).toBe(
      'function object\n',
    )
  })

  test('compiles an app that publishes its own declarations', ({ skip }) => {
    if (!asked) skip(REASON)
    expect(run('npx', ['tsc'])).toBe('')
    expect(readFileSync(join(project, 'dist/app.d.ts'), 'utf8')).toMatch(/const hello: \S*Contract<"hello"/)
  })

  test('has a command line', ({ skip }) => {
    if (!asked) skip(REASON)
    expect(run('npx', ['banyan', '--help'])).toContain('banyan')
  })
})

function install(tarball: string): string {
  const at = join(folder, 'project')
  mkdirSync(at)
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> }
  const wanted = ['zod', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`)
  writeFileSync(join(at, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  writeFileSync(
    join(at, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', target: 'es2024', declaration: true, outDir: 'dist' }, files: ['app.ts'] }),
  )
  writeFileSync(join(at, 'app.ts'), app)
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball, ...wanted], { cwd: at })
  return at
}

/** Standard output of a program that ends well; throws with what it said otherwise. */
function run(program: string, argv: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, argv, { cwd: project, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}
