import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { repositoryFiles, sources, withoutComments } from './source.ts'

const MEDIAN = 100
const LONG = 300
const TOO_LONG = 500
/** Files longer than 300 lines, each with its reason; none above 500. */
const long: Readonly<Record<string, string>> = {}

const files = sources()
const lines = new Map(files.map(({ path, text }) => [path, text.split('\n').length - 1]))

describe('source files', () => {
  test(`have at most ${LONG} lines`, () => {
    const over = [...lines].filter(([path, count]) => count > (path in long ? TOO_LONG : LONG))
    expect(over.map(([path, count]) => `${path} has ${count} lines: split it by concept`)).toEqual([])
    expect(
      Object.keys(long).filter((path) => (lines.get(path) ?? 0) <= LONG),
      'not long any more',
    ).toEqual([])
  })

  test(`have a median below ${MEDIAN} lines`, () => {
    const counts = files.filter(({ test: isTest }) => !isTest).map(({ path }) => lines.get(path)!)
    expect(counts.sort((a, b) => a - b)[counts.length >> 1]).toBeLessThan(MEDIAN)
  })

  test('have kebab-case names', () => {
    const code = repositoryFiles().filter((path) => /\.[cm]?[jt]sx?$/.test(path))
    expect(code.filter((path) => !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(basename(path)))).toEqual([])
  })

  test('stand in folders named after a concept', () => {
    expect(repositoryFiles().filter((path) => /(^|\/)(utils?|helpers?|common|misc|shared|lib)\//.test(path))).toEqual([])
  })

  test('name what they export', () => {
    expect(files.filter(({ text }) => /^\s*export\s+(type\s+)?\*/m.test(withoutComments(text))).map(({ path }) => `${path} has an export *`)).toEqual([])
  })
})
