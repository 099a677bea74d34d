import { beforeAll, describe, expect, test } from 'vitest'
import { steppedTime } from '../../../test/http-cache/stepped-time.ts'
import { runSuiteTest, suiteTests, type SuiteTest } from '../../../test/http-cache/suite.ts'
import { httpCache } from './http-cache.ts'

/** What this cache does otherwise than the suite wants, each with the reason. */
const deviations: Readonly<Record<string, string>> = {
  ...because('RFC 9111 §5.1 came after the suite: the first member of Age counts, and what is no number is left out', [
    'age-parse-dup-0',
    'age-parse-dup-0-twoline',
    'age-parse-dup-old',
    'age-parse-float',
    'age-parse-negative',
    'age-parse-nonnumeric',
    'age-parse-numeric-parameter',
    'age-parse-parameter',
    'age-parse-prefix-twoline',
  ]),
  ...because('answers that set cookies are not kept: a cookie is for one client, whatever its origin says about the answer', [
    'headers-store-Set-Cookie',
    'other-set-cookie',
    '304-etag-update-response-Set-Cookie',
  ]),
  ...because('a 304 with another entity tag is not about the stored answer (RFC 9111 §4.3.4), so the whole is asked for', ['304-etag-update-response-ETag']),
  ...because('without Last-Modified the Date counts, and it lies behind the client’s (RFC 9111 §4.3.2)', ['conditional-lm-fresh-no-lm']),
  ...because('parts are passed through and not kept', [
    'partial-store-partial-complete',
    'partial-store-partial-reuse-partial',
    'partial-store-partial-reuse-partial-absent',
    'partial-store-partial-reuse-partial-byterange',
    'partial-store-partial-reuse-partial-suffix',
  ]),
  ...because('only answers to GET are kept', ['method-POST']),
  ...because('origins use the order of languages, so it belongs to the key', ['vary-normalise-lang-order', 'vary-normalise-lang-select']),
}

function because(reason: string, ids: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(ids.map((id) => [id, reason]))
}

/** What was not as the suite wants it, by test; `undefined`: nothing. */
const faults = new Map<SuiteTest, string | undefined>()

beforeAll(async () => {
  for (const one of await suiteTests()) {
    const time = steppedTime()
    faults.set(one, await runSuiteTest(one, httpCache({ clock: time }).policy(), time))
  }
})

describe('the tests of cache-tests.fyi', () => {
  test('are passed where they are no questions, but for deviations with a reason', () => {
    const failed = [...faults].filter(([{ kind }, fault]) => kind !== 'check' && fault !== undefined)
    expect(failed.filter(([{ id }]) => !(id in deviations)).map(([{ id }, fault]) => `${id}: ${fault}`)).toEqual([])
    const passed = Object.keys(deviations).filter((id) => !failed.some(([one]) => one.id === id))
    expect(passed, 'these are no deviations any more').toEqual([])
    expect(faults.size).toBeGreaterThan(300)
  })

  test('that are questions have the answers on record', async () => {
    const answers = [...faults]
      .filter(([{ kind }]) => kind === 'check')
      .map(([{ id, name }, fault]) => `${id} ${fault === undefined ? 'yes' : 'no'}: ${name}\n`)
    await expect(answers.sort().join('')).toMatchFileSnapshot('../../../test/http-cache/suite-answers.txt')
  })
})
