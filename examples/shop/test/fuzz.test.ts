import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seed } from '../seed.ts'
import { ask, requestsOf, type ApiDocument, type FuzzAnswer, type FuzzRequest } from './fuzz/requests.ts'
import { openShop, type OpenShop } from './open.ts'

/** Requests for each operation; `FUZZ_RUNS=1000` looks longer, `FUZZ_SEED` elsewhere. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 40)
const SEED = Number(process.env['FUZZ_SEED'] ?? 5)
const HANGS_MS = 20_000

/** What no answer shows: where code lies, what the database is asked, who else is there. */
const innards =
  /node_modules|node:internal|\bat .+\.ts:\d+|\/src\/|banyan_(events|keys|streams|work)|\b(select|insert|update) .+ (from|into|set) |argon2id\$|PRIVATE KEY/i

describe('every operation of the shop, asked for what makes sense and what does not', () => {
  let shop: OpenShop
  let document: ApiDocument
  let tokens: readonly string[]
  beforeAll(async () => {
    shop = await openShop()
    await seed(shop.call)
    document = (await (await fetch(`${shop.url}/openapi.json`)).json()) as ApiDocument
    tokens = await Promise.all([['customer'], ['staff'], ['customer', 'staff'], []].map((roles, index) => shop.token({ subject: `somebody ${index}`, roles })))
  })
  afterAll(() => shop[Symbol.asyncDispose]())

  test(`is answered: no failure of the shop's own, nothing of its innards, an end to each`, { timeout: 600_000 }, async () => {
    const operations = requestsOf(document, tokens)
    expect(operations.length).toBeGreaterThan(30)
    const counts = { answered: 0, refused: 0 }
    for (const [operation, requests] of operations) {
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const answer = await ask(shop.url, request, HANGS_MS)
          check(operation, request, answer)
          counts[answer.status < 400 ? 'answered' : 'refused']++
        }),
        { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: true },
      )
    }
    // else only one of the two kinds of request was made
    expect(counts.answered).toBeGreaterThan(operations.length)
    expect(counts.refused).toBeGreaterThan(operations.length)
    expect(await fetch(`${shop.url}/readyz`)).toMatchObject({ status: 200 })
  })
})

function check(operation: string, { target }: FuzzRequest, { status, headers, text }: FuzzAnswer): void {
  const told = `${operation} ${target.slice(0, 200)}: ${status} ${text.slice(0, 500)}`
  expect(status, told).toBeLessThan(500)
  expect(text, told).not.toMatch(innards)
  if (status < 400) return
  expect(headers['content-type'], told).toBe('application/problem+json')
  expect(JSON.parse(text), told).toMatchObject({ status, code: expect.any(String) as string, detail: expect.any(String) as string })
}
