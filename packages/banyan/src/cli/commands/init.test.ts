import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { banyan } from '../../../test/cli/memory-io.ts'
import { version } from '../version.ts'

const repository = fileURLToPath(new URL('../../../../..', import.meta.url))
const bin = join(repository, 'packages/banyan/bin/banyan.js')
let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'banyan-init-'))
  chmodSync(cwd, 0o755)
  onTestFinished(() => rmSync(cwd, { recursive: true }))
})

interface Manifest {
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly allowScripts: unknown
}
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

describe('a new project', () => {
  test.each(['service', 'shop'])(
    'from template %s compiles and passes its tests',
    (template) => {
      const { out, err } = spawned(['init', 'my-app', '--template', template])
      expect(err).toBe('')
      expect(out).toContain('cd my-app\n  npm install')
      const project = join(cwd, 'my-app')
      symlinkSync(join(repository, 'node_modules'), join(project, 'node_modules'))
      expect(program(project, 'tsc', ['--singleThreaded'])).toEqual({ code: 0, out: '' })
      expect(program(project, 'vitest', ['run', '--root', '.'])).toEqual({ code: 0, out: expect.stringMatching(/Tests +\d+ passed/) })
      expect(program(project, 'banyan', ['services'])).toMatchObject({ code: 0 })
    },
    120_000,
  )

  test('has the names that were given or are made from the folder', async () => {
    await banyan(['init', 'my-big shop', '--template', 'shop'], { cwd })
    const project = join(cwd, 'my-big shop')
    expect(readFileSync(join(project, 'banyan.config.ts'), 'utf8')).toContain(`app('myBigShop', {`)
    expect(readFileSync(join(project, 'README.md'), 'utf8')).toMatch(/^# myBigShop\n/)
    expect(manifestOf(project)).toMatchObject({ name: 'my-big-shop', dependencies: { banyan: `^${version}` } })
    await banyan(['init', '2026', '--name', 'season'], { cwd })
    expect(manifestOf(join(cwd, '2026')).name).toBe('season')
    await banyan(['init', '42'], { cwd })
    expect(manifestOf(join(cwd, '42')).name).toBe('service')
  })

  test('pins what this repository pins', async () => {
    await banyan(['init', '.'], { cwd })
    const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as Manifest
    const { dependencies, devDependencies, allowScripts } = manifestOf(cwd)
    const pinned = { ...devDependencies, zod: dependencies['zod'] }
    expect(pinned).toEqual(Object.fromEntries(Object.keys(pinned).map((name) => [name, own.devDependencies[name]])))
    expect(allowScripts).toEqual(own.allowScripts)
    const options = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as { compilerOptions: object }).compilerOptions
    expect(options(join(cwd, 'tsconfig.json'))).toEqual(options(join(repository, 'tsconfig.json')))
  })

  test('is told as JSON', async () => {
    const { out } = await banyan(['init', 'here', '--name', 'stage', '--json'], { cwd, answers: [] })
    const made = JSON.parse(out) as { readonly files: readonly string[] }
    expect(made).toMatchObject({ directory: join(cwd, 'here'), template: 'service', name: 'stage', banyan: `^${version}` })
    expect(made.files).toContain('.gitignore')
    const written = globSync('{**/*.*,.gitignore}', { cwd: join(cwd, 'here') })
    expect([...made.files].sort()).toEqual(written.sort())
  })
})

describe('the dependency', () => {
  test('is a file as it is seen from the project', async () => {
    writeFileSync(join(cwd, 'banyan.tgz'), '')
    await banyan(['init', 'deep/down', '--banyan', './banyan.tgz'], { cwd })
    expect(manifestOf(join(cwd, 'deep/down')).dependencies['banyan']).toBe('file:../../banyan.tgz')
  })

  test('is anything else as it is given', async () => {
    for (const [index, spec] of ['1.2.3', 'https://example.org/banyan.tgz', 'github:example/banyan'].entries()) {
      await banyan(['init', `p${index}`, '--banyan', spec], { cwd })
      expect(manifestOf(join(cwd, `p${index}`)).dependencies['banyan']).toBe(spec)
    }
  })
})

describe('on a terminal', () => {
  test('what is not said is asked', async () => {
    const { code, out } = await banyan(['init'], { cwd, answers: ['2', 'corner-shop'] })
    expect(code).toBe(0)
    expect(out).toContain('Which folder? [shop]: ')
    expect(existsSync(join(cwd, 'corner-shop/orders/order.ts'))).toBe(true)
  })

  test('an empty answer takes what is proposed, and what is said is not asked', async () => {
    await banyan(['init', '--template', 'shop'], { cwd, answers: [''] })
    expect(existsSync(join(cwd, 'shop/orders/order.ts'))).toBe(true)
    await banyan(['init', 'theatre'], { cwd, answers: [' '] })
    expect(existsSync(join(cwd, 'theatre/shows/show.ts'))).toBe(true)
  })

  test('of the machine it is so too, and Ctrl-C ends it', async ({ skip }) => {
    if (process.platform !== 'linux') skip('`script`, which makes the terminal, takes other options here')
    const made = typist()
    await made.wrote('service or shop [service]: ')
    made.type('shop\n')
    await made.wrote('Which folder? [shop]: ')
    made.type('\n')
    expect(await made.ended).toBe(0)
    expect(existsSync(join(cwd, 'shop/orders/order.ts'))).toBe(true)
    const left = typist()
    await left.wrote('service or shop [service]: ')
    left.type('\u0003')
    expect(await left.ended).toBe(2)
    expect(globSync('*', { cwd })).toEqual(['shop'])
  })

  test('who leaves has nothing', async () => {
    expect(await banyan(['init'], { cwd, answers: ['shop'] })).toMatchObject({
      code: 2,
      err: expect.stringContaining('there was no answer; nothing was written'),
    })
    expect(globSync('*', { cwd })).toEqual([])
  })
})

describe('nothing is written', () => {
  test('over files that are there', async () => {
    mkdirSync(join(cwd, 'shows'))
    for (const path of ['README.md', '.gitignore', 'shows/show.ts', 'test']) writeFileSync(join(cwd, path), 'mine')
    const { code, err } = await banyan(['init', '.'], { cwd })
    expect({ code, err }).toEqual({
      code: 1,
      err: `error project_not_written: ${cwd} has already test, .gitignore, README.md, shows/show.ts; nothing was written. Name another directory, or move away what is there\n`,
    })
    expect(globSync('**/*.ts', { cwd })).toEqual(['shows/show.ts'])
    expect(readFileSync(join(cwd, 'README.md'), 'utf8')).toBe('mine')
  })

  test('where the directory is a file', async () => {
    writeFileSync(join(cwd, 'taken'), '')
    expect((await banyan(['init', 'taken'], { cwd })).err).toContain(`${join(cwd, 'taken')} is a file; nothing was written`)
    expect((await banyan(['init', 'taken/deeper'], { cwd })).err).toMatch(/error project_not_written: .*ENOTDIR/)
  })

  test.each([
    [['init'], 'the directory is missing, and there is no terminal to ask at'],
    [['init', '.', '--template', 'shpo'], "there is no template 'shpo'; did you mean 'shop'?"],
    [['init', '.', '--name', 'my-shop'], "--name is 'my-shop', and a name starts with a lower-case letter"],
    [['init', '.', '--banyan', '../nowhere.tgz'], 'nowhere.tgz, which does not exist'],
    [['init', '.', '--banyan', ''], '--banyan needs a value'],
  ])('for %j', async (argv, message) => {
    const { code, err } = await banyan(argv, { cwd })
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) })
    expect(globSync('*', { cwd })).toEqual([])
  })
})

/** The command line on a terminal, and somebody who types. */
function typist() {
  const child = spawn('script', ['-qec', `'${process.execPath}' '${bin}' init`, '/dev/null'], { cwd })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    async wrote(wanted: string) {
      await expect.poll(() => text).toContain(wanted)
    },
    type: (keys: string) => child.stdin.write(keys),
    ended: once(child, 'exit').then(([code]) => code as number | null),
  }
}

/** The command line in a process of its own. */
function spawned(args: readonly string[]): { readonly out: string; readonly err: string } {
  const { stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd, encoding: 'utf8' })
  return { out: stdout, err: stderr }
}

function program(project: string, name: string, args: readonly string[]): { readonly code: number | null; readonly out: string } {
  const env = { ...process.env, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(join(repository, 'node_modules/.bin', name), args, { cwd: project, encoding: 'utf8', env })
  return { code: status, out: stdout + stderr }
}
