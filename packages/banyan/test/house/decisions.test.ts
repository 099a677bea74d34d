import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faults } from './decision.ts'
import { root } from './source.ts'

const folder = join(root, 'docs/decisions')
const records = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .sort()

describe('decision records', () => {
  test('have the form that their README shows', () => {
    const wrong = records.flatMap((name) => faults(name, readFileSync(join(folder, name), 'utf8')).map((fault) => `${name}: ${fault}`))
    expect(wrong).toEqual([])
  })

  test('are numbered without gaps', () => {
    expect(records.map((name) => Number(name.slice(0, 4)))).toEqual(records.map((_name, index) => index + 1))
  })

  test('are superseded by records that exist', () => {
    const successors = records.flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/^status: superseded by (\d{4})$/gm)].map(([, number]) => number!),
    )
    expect(successors.filter((number) => !records.some((name) => name.startsWith(`${number}-`)))).toEqual([])
  })
})

describe('the form of a decision record', () => {
  const example = /```markdown\n([^]*?)```/.exec(readFileSync(join(folder, 'README.md'), 'utf8'))![1]!
  const name = '0001-embed-a-postgresql-server.md'

  test('is the one of the example', () => {
    expect(faults(name, example)).toEqual([])
  })

  test.each([
    ['no front matter', example.replace('---', ''), /front matter/],
    ['a missing field', example.replace(/deciders: .*\n/, ''), /it takes number, title/],
    ['another number', example.replace('number: 1', 'number: 2'), /number 2 is not/],
    ['no date', example.replace('2026-11-21', 'yesterday'), /'yesterday'/],
    ['an unknown status', example.replace('accepted', 'done'), /status 'done'/],
    ['another heading', example.replace('# 1. Embed', '# 1. Use'), /heading is not/],
    ['a missing section', example.replace('## Drivers', ''), /sections are Context, Options/],
    ['an empty section', example.replace(/(## Links\n)[^]*/, '$1'), /section Links is empty/],
  ])('%s is a fault', (_what, text, fault) => {
    expect(faults(name, text).join('\n')).toMatch(fault)
  })
})
