import { describe, expect, test } from 'vitest'
import { type AllowedSkip, type Step, total } from './report.ts'

const allowed: readonly AllowedSkip[] = [{ steps: /^all$/, reason: /^too slow$/, because: 'it has a step of its own' }]
const good: Step = { name: 'all', code: 0, report: { passed: 3, failed: [], skipped: [] } }

describe('the sum of a run', () => {
  test('adds what passed', () => {
    expect(total([good, { ...good, name: 'again' }, { name: 'lint', code: 0, report: undefined }], allowed)).toMatchObject({ passed: 6, failures: [] })
  })

  test('counts failed tests once, not their step as well', () => {
    const step: Step = { name: 'all', code: 1, report: { passed: 3, failed: ['a > b'], skipped: [] } }
    expect(total([step], allowed).failures).toEqual(['all: a > b'])
  })

  test.each<[string, Step, string]>([
    ['that runs no tests', { name: 'lint', code: 2, report: undefined }, 'lint: ended with 2'],
    ['whose tests all passed', { ...good, code: 1 }, 'all: ended with 1'],
    ['that left no report', { name: 'all', code: 124, report: 'missing' }, 'all: left no report'],
    ['that ran no test', { name: 'all', code: 0, report: { passed: 0, failed: [], skipped: [] } }, 'all: ran no test'],
  ])('counts a failed step %s', (_what, step, failure) => {
    expect(total([step], allowed).failures).toEqual([failure])
  })

  test('allows a skip for its reason in its step only', () => {
    const report = { passed: 1, failed: [], skipped: [{ name: 'x', reason: 'too slow' }] }
    expect(total([{ name: 'all', code: 0, report }], allowed).failures).toEqual([])
    expect(total([{ name: 'server', code: 0, report }], allowed).failures).toEqual([expect.stringContaining('x was skipped (too slow)')])
  })

  test('groups skips by reason', () => {
    const skipped = ['a', 'b'].map((name) => ({ name, reason: 'too slow' }))
    expect([...total([{ ...good, report: { passed: 1, failed: [], skipped } }], allowed).skips]).toEqual([['too slow', 2]])
  })
})
