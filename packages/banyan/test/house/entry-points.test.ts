import { afterAll, describe, expect, test } from 'vitest'
import { emitDeclarations, namesOf, reach } from './declarations.ts'
import { withoutComments } from './source.ts'

/** Entry points that promise names, and their declarations. `./cli` is a program, not a library. */
const entries = [
  ['.', 'index.d.ts'],
  ['./types', 'types.d.ts'],
  ['./security', 'security/index.d.ts'],
  ['./testing', 'testing/index.d.ts'],
] as const

const declarations = emitDeclarations()
afterAll(() => declarations[Symbol.dispose]())

describe('entry points', () => {
  test.each(entries)('%s exports the committed names', async (entry, path) => {
    const text = declarations.read(path)
    expect(text, `${entry} has no ${path}`).toBeDefined()
    const names = namesOf(text!)
    await expect(names.map((name) => `${name}\n`).join(''), 'accept a change of the public surface with vitest -u').toMatchFileSnapshot(
      `names${entry.slice(1).replace('/', '-')}.txt`,
    )
  })

  test.each(entries)('%s says nowhere any', (_entry, path) => {
    const lines = [...reach(declarations, path)].flatMap(([file, text]) =>
      code(text)
        .split('\n')
        .filter((line) => /\bany\b/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
    expect(lines).toEqual([])
  })

  test('the root has few names', () => {
    const values = namesOf(declarations.read('index.d.ts')!).filter((name) => !name.startsWith('type '))
    expect(values.length, 'what is needed less often belongs to a subpath').toBeLessThanOrEqual(40)
  })
})

describe('names of a declaration file', () => {
  test('are those of lists and of declarations', () => {
    const text = `export { a, type B, c as d } from './x.ts'\nexport type { E } from './y.ts'\nexport declare function f(): void\nexport interface G {}\n/* export { not } */`
    expect(namesOf(text)).toEqual(['type B', 'type E', 'type G', 'a', 'd', 'f'])
  })
})

/** Without comments and texts, where the word may stand. */
function code(text: string): string {
  return withoutComments(text).replace(/'[^'\n]*'|"[^"\n]*"/g, "''")
}
