import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { repositoryFiles, root } from './source.ts'

/** What must not stand in the repository, since it holds on one machine only. */
const foreign: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a path of one machine', pattern: /(?<![\w.~}])\/(?:work|home\/[a-z_][\w-]*|Users\/[A-Za-z][\w.-]*|root)\/[\w.-]+/ },
  {
    what: 'the address of a package registry',
    pattern: /https?:\/\/(?!www\.npmjs\.com)(?:[\w-]+\.)*(?:registry|npm|artifactory|nexus|verdaccio)[\w-]*\.[\w.-]+|https?:\/\/[^\s'"]+\/-\/[^\s'"]+\.tgz/,
  },
  { what: 'a line that merges left behind', pattern: /^(?:<{7}|>{7}) / },
  { what: 'a note to do something later', pattern: /\b(?:TODO|FIXME|XXX)\b/ },
]

const texts = repositoryFiles()
  .filter((path) => !path.endsWith('hygiene.test.ts') && !/\.(png|ico|jpg|woff2|gz|tgz)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

describe('tracked text', () => {
  test.each(foreign)('has nowhere $what', ({ pattern }) => {
    expect(matches(pattern)).toEqual([])
  })

  test('ends with a newline and has no carriage returns', () => {
    const wrong = texts.filter(({ text }) => text !== '' && (!text.endsWith('\n') || text.includes('\r')))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

function matches(pattern: RegExp): readonly string[] {
  return texts.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const match = pattern.exec(line)
      return match ? [`${path}:${index + 1} ${match[0]}`] : []
    }),
  )
}
