import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { readHead } from './head.ts'

const REQUESTS = 2_000

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

test('who remembers a field or the target of a long request remembers no more of it', () => {
  const long = 'x'.repeat(15_000)
  const known: string[] = []
  const before = heapUsed()
  for (let index = 0; index < REQUESTS; index++) {
    const request = Buffer.from(`GET /orders/${index}/of-somebody HTTP/1.1\r\nHost: a\r\nCookie: ${long}\r\nAuthorization: Bearer token-${index}\r\n\r\n`)
    const { target, headers } = readHead(request.toString('latin1'))!
    known.push(target, headers.authorization!)
  }
  expect((heapUsed() - before) / REQUESTS).toBeLessThan(1_000)
  expect(known).toHaveLength(2 * REQUESTS)
})
