import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { blocksOf, exists, files, linksOf, pages, pathsOf, type Page } from './pages.ts'
import { fileOf, isExcerpt, pageProject } from './page-project.ts'

/** Paths that pages name and nobody has, each with its reason. */
const absent: Readonly<Record<string, string>> = {
  '.banyan/': 'made when an app runs',
  'examples/shop/.banyan/': 'made when the shop runs',
  'migrations/0001_name.sql': 'stands for any migration',
}

const all = pages()
const everyBlock = all.flatMap(blocksOf).filter(({ language }) => ['ts', 'sql'].includes(language))
/** The tutorial writes its files more than once, and has a test of its own, which follows it. */
const blocks = everyBlock.filter(({ page }) => !page.startsWith('docs/tutorial/'))
const shown = blocks.filter(({ file }) => file !== undefined && files.includes(file))
const made = blocks.filter((block) => !shown.includes(block) && !(block.file === undefined && isExcerpt(block)))

describe('every page', () => {
  test.each(all.map((page) => [page.path, page] as const))('%s leads and points to what exists', (_path, page) => {
    const links = linksOf(page).filter((path) => !files.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`)))
    const paths = pathsOf(page).filter((path) => !exists(path) && !(path in absent) && !ofItsProject(page, path))
    expect({ links, paths }).toEqual({ links: [], paths: [] })
  })

  test('is found from another one', () => {
    const reached = new Set(all.flatMap(linksOf))
    const lost = all.map(({ path }) => path).filter((path) => path !== 'README.md' && path !== 'packages/banyan/README.md' && !isReached(path, reached))
    expect(lost).toEqual([])
  })
})

describe('code on pages', () => {
  test.each(shown.map((block) => [`${block.page}:${block.line}`, block] as const))('%s stands so in the file it names', (_place, block) => {
    expect(isExcerpt(block), `${block.file} has no such lines`).toBe(true)
  })

  test('names each file of its own once', () => {
    const names = made.map(fileOf)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  const project = pageProject(made)
  afterAll(() => project[Symbol.dispose]())

  test('compiles', () => {
    expect(project.run('tsc', ['--singleThreaded', '--pretty', 'false', '--types', 'node'])).toBe('code 0')
  })

  test('passes the tests that it shows', () => {
    expect(project.run('vitest', ['run', '--root', '.'])).toMatch(/Tests +\d+ passed[^]*code 0$/)
  })
})

/** Whether a path is one that blocks of the page's folder make. */
function ofItsProject({ path }: Page, named: string): boolean {
  const own = everyBlock.filter(({ page }) => dirname(page) === dirname(path))
  return own.some(({ file }) => file === named || file?.startsWith(named.replace(/\/?$/, '/')) === true)
}

/** A page is found by a link to it, or to the README of its folder, which says what is there. */
function isReached(path: string, reached: ReadonlySet<string>): boolean {
  const index = join(dirname(path), 'README.md')
  return reached.has(path) || (files.includes(index) && dirname(path) !== '.' && reached.has(index))
}
