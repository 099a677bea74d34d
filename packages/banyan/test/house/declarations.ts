import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { root, specifiers, withoutComments } from './source.ts'

/** The `.d.ts` files that users of the package would get. Dispose of it to remove them. */
export interface Declarations extends Disposable {
  /** Text of a declaration file, below the output: `kernel/errors.d.ts`; `undefined` where it does not exist. */
  read(path: string): string | undefined
}

/** Emits the declarations of the package's sources into a temporary folder. */
export function emitDeclarations(): Declarations {
  const out = mkdtempSync(join(tmpdir(), 'banyan-declarations-'))
  // whether the sources are right is asked by `npm run types`; here they are emitted also when they are not
  spawnSync(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', 'packages/banyan', '--noEmit', 'false', '--emitDeclarationOnly', '--rootDir', 'packages/banyan/src', '--outDir', out],
    {
      cwd: root,
    },
  )
  return {
    read: (path) => {
      try {
        return readFileSync(join(out, path), 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    [Symbol.dispose]: () => rmSync(out, { recursive: true }),
  }
}

/** The declaration files that an entry point reaches, itself included, with their texts. */
export function reach(declarations: Declarations, entry: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (path: string): void => {
    const text = declarations.read(path)
    if (text === undefined || found.has(path)) return
    found.set(path, text)
    for (const specifier of specifiers(text).filter((name) => name.startsWith('.'))) {
      visit(
        relative('.', join(dirname(path), specifier))
          .replaceAll('\\', '/')
          .replace(/\.ts$/, '.d.ts'),
      )
    }
  }
  visit(entry)
  return found
}

/** The names a declaration file exports, sorted; types are marked. Names behind `export *` are not found: it is forbidden. */
export function namesOf(text: string): readonly string[] {
  const code = withoutComments(text)
  const listed = [...code.matchAll(/\bexport\s+(type\s+)?\{([^}]*)\}/g)].flatMap(([, type, names]) =>
    names!
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => (type ? `type ${name}` : name).replace(/\S+ as (\S+)$/, '$1')),
  )
  const declared = [...code.matchAll(/\bexport\s+(?:declare\s+)?(?:abstract\s+)?(const|let|function|class|interface|type)\s+([\w$]+)/g)].map(([, kind, name]) =>
    kind === 'interface' || kind === 'type' ? `type ${name}` : name!,
  )
  const byName = (a: string, b: string): number => (a.replace('type ', '') < b.replace('type ', '') ? -1 : 1)
  return [...new Set([...listed, ...declared])].sort(byName)
}
