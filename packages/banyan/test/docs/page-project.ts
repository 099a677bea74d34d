import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { root } from '../house/source.ts'
import { files, type Block } from './pages.ts'

/** The code that the pages show, as a project that has the package installed. Removed when disposed of. */
export interface PageProject extends Disposable {
  /** Runs a program of the repository in it; answers what it wrote, with `code 0` at the end when it went well. */
  run(program: string, args: readonly string[]): string
}

/** Pages of one folder write to one folder: blocks that name a file become it, the others get a name of their own. */
export function pageProject(blocks: readonly Block[]): PageProject {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-pages-'))
  // where root runs this, the embedded server's own user has to pass through
  chmodSync(folder, 0o755)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { compilerOptions: object }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'], exclude: ['node_modules'] }))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'pages', private: true, type: 'module' }))
  for (const block of blocks) write(join(folder, fileOf(block)), block.code)
  return {
    run(program, args) {
      const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', program), args, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      })
      return `${stdout}${stderr}code ${status}`
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

/** Whether a block shows lines of a file of the repository as they stand there, but for the indentation and a comma at the end of a line. */
export function isExcerpt({ file, code }: Block): boolean {
  const places = file === undefined ? files.filter((path) => /^examples\/.*\.ts$/.test(path)) : [file]
  return places.some((path) => lines(readFileSync(join(root, path), 'utf8')).includes(lines(code)))
}

function lines(text: string): string {
  return `\n${text
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((line) => line !== '')
    .join('\n')}\n`
}

/** Where a block is written, below the project. */
export function fileOf({ file, page, language, line }: Block): string {
  return join(dirname(page).replaceAll('/', '-'), file ?? `${basename(page, '.md').toLowerCase()}-${line}.${language}`)
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
