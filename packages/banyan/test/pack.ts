import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { root } from './house/source.ts'

/** Packs the package into a folder and answers the tarball's path. Packed from a copy, since package.json is another while it is packed. */
export function pack(folder: string): string {
  const copy = join(folder, 'repository')
  for (const path of ['package.json', 'tsconfig.json', 'scripts', 'packages/banyan']) {
    cpSync(join(root, path), join(copy, path), { recursive: true, filter: (from) => !/[\\/](node_modules|dist)$/.test(from) })
  }
  // a dependency lies in either: npm puts beside the package what others want in another version
  for (const modules of ['node_modules', 'packages/banyan/node_modules'])
    if (existsSync(join(root, modules))) symlinkSync(join(root, modules), join(copy, modules))
  const before = readFileSync(join(copy, 'packages/banyan/package.json'), 'utf8')
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(copy, 'packages/banyan'), encoding: 'utf8' })
  expect(readFileSync(join(copy, 'packages/banyan/package.json'), 'utf8'), 'package.json is put back').toBe(before)
  return globSync('*.tgz', { cwd: folder }).map((name) => join(folder, name))[0]!
}
