import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root: string = fileURLToPath(new URL('../../../..', import.meta.url))
/** The published package's sources. */
export const src: string = fileURLToPath(new URL('../../src', import.meta.url))

export interface SourceFile {
  /** Below `src`, with slashes: `kernel/errors.ts`. */
  readonly path: string
  /** The folder directly below `src`; `''` for the entry points beside the rooms. */
  readonly room: string
  readonly text: string
  readonly test: boolean
  /** Files of `src` it imports, types included. */
  readonly imports: readonly string[]
}

/** Every TypeScript file below `src`. */
export function sources(): readonly SourceFile[] {
  return globSync('**/*.ts', { cwd: src })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map(read)
}

/** Those that are published. */
export function published(): readonly SourceFile[] {
  return sources().filter(({ test }) => !test)
}

function read(path: string): SourceFile {
  const text = readFileSync(join(src, path), 'utf8')
  const imports = specifiers(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(src, join(src, dirname(path), specifier)).replaceAll('\\', '/'))
  return {
    path,
    room: path.includes('/') ? path.slice(0, path.indexOf('/')) : '',
    text,
    test: path.endsWith('.test.ts'),
    imports: [...new Set(imports)].sort(),
  }
}

/** What a module imports or re-exports from, in the order of the text. */
export function specifiers(text: string): readonly string[] {
  const code = withoutComments(text)
  const found = [
    ...code.matchAll(/^\s*(?:import|export)\b[^'"`]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm),
  ]
  return found.map((match) => (match[1] ?? match[2] ?? match[3])!)
}

/** Drops comments, and keeps text that looks like one inside strings. */
export function withoutComments(text: string): string {
  return text.replace(
    /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[^]*?\*\/|\/\/[^\n]*/g,
    (_all, string: string | undefined) => string ?? '',
  )
}

/** Files that git has or would have: tracked, and new ones that are not ignored; below the repository, without those deleted. */
export function repositoryFiles(): readonly string[] {
  const deleted = new Set(listed('--deleted'))
  return listed('--cached', '--others', '--exclude-standard', '--deduplicate').filter((path) => !deleted.has(path))
}

function listed(...which: readonly string[]): readonly string[] {
  // the clone may belong to another user than the one who tests
  const out = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z', ...which], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  return out.split('\0').filter((path) => path !== '')
}
