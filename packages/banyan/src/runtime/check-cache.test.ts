import { expect, test } from 'vitest'
import { z } from 'zod'
import { anyone } from '../model/access.ts'
import { contract } from '../model/contract.ts'
import { command, query } from '../model/operation.ts'
import { cacheMistakes } from './check-cache.ts'

const shelf = contract('shelf', {
  title: query({ input: z.object({ id: z.string() }), output: z.string(), errors: { NotFound: z.object({ id: z.string() }) } }),
  now: query({ output: z.string(), consistency: 'strong' }),
  nothing: query({}),
  key: query({ output: z.string() }),
  put: command({ output: z.string() }),
})
const found = (operation: string, cache: object) =>
  cacheMistakes('shelf', { contract: shelf, policies: { [operation]: { access: anyone(), cache } }, reactions: [] } as never)

test('what is said right is no mistake', () => {
  expect(found('title', { ttl: '1m', staleWhileRevalidate: '10s', staleIfError: '1h', notFound: '5s', browser: '1s', cdn: '1h', shared: true })).toEqual([])
})

test.each([
  ['put', { ttl: '1m' }, 'is a command and has a cache; what changes state is executed each time'],
  ['now', { ttl: '1m' }, "has a cache and the consistency 'strong'"],
  ['nothing', { ttl: '1m' }, 'has a cache and no output; there is nothing to keep'],
  ['title', { ttl: 'long' }, "has a cache with `ttl`: 'long' is not a duration"],
  ['title', { ttl: '1m', staleIfError: '1 hour' }, "has a cache with `staleIfError`: '1 hour' is not a duration"],
  ['title', {}, 'has a cache without `ttl`, which says how long an answer is fresh'],
  ['title', { ttl: '1m', tags: ['a'] }, 'has a cache whose `tags` are no function; write tags: (input, output) => ['],
  ['title', { ttl: '1m', shared: 'yes' }, 'has a cache with `shared` "yes"; it is true or false'],
  ['title', { ttl: '1m', maxAge: '1m' }, "has a cache with 'maxAge', which is no setting of it; there are ttl, "],
  ['title', '1m', 'has a cache "1m"; write { ttl: \'1m\' }'],
])('a cache of %s as %j is a mistake', (operation, cache, mistake) => {
  expect(found(operation, cache as object)).toEqual([expect.stringContaining(`operation 'shelf.${operation}' ${mistake}`)])
})

test('what is not found can be remembered where the contract has it', () => {
  expect(found('key', { ttl: '1m', notFound: '5s' })).toContainEqual(
    expect.stringContaining("remembers `notFound`, but its contract declares no error 'NotFound'"),
  )
})
