import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { errorPage, pagePath, readPage } from '../../../../scripts/error-page.ts'
import { codes, type ErrorCode } from '../../src/kernel/errors.ts'
import { published, withoutComments } from './source.ts'

const page = readFileSync(pagePath, 'utf8')
const all = Object.keys(codes) as ErrorCode[]
const REWRITE = 'run npm run docs:errors'

describe('error codes', () => {
  test('are those of the reference page', () => {
    const described = [...readPage(page).keys()]
    const missing = all.filter((code) => !described.includes(code))
    const gone = described.filter((code) => !(code in codes))
    expect({ missing, gone }, REWRITE).toEqual({ missing: [], gone: [] })
  })

  test('are described there as the table has them', () => {
    const described = readPage(page)
    expect(Object.fromEntries(all.map((code) => [code, described.get(code)])), REWRITE).toEqual(Object.fromEntries(readPage(errorPage())))
  })

  test('leave nothing else to write on the page', () => {
    expect(page, REWRITE).toBe(errorPage())
  })

  test('have a help text that is a sentence', () => {
    expect(all.filter((code) => !/^[A-Z].*\.$/.test(codes[code].help))).toEqual([])
  })

  test('are all raised somewhere', () => {
    const code = published()
      .filter(({ path }) => path !== 'kernel/errors.ts')
      .map(({ text }) => withoutComments(text))
      .join('\n')
    expect(
      all.filter((name) => !code.includes(`'${name}'`)),
      'remove them from kernel/errors.ts, or raise them',
    ).toEqual([])
  })
})
