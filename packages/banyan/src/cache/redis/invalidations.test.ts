import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { BanyanError } from '../../kernel/errors.ts'
import { silentLog } from '../../observe/log.ts'
import type { RedisConnection } from '../../store/redis.ts'
import { Invalidations } from './invalidations.ts'

test('what could not be told for long becomes everything', async () => {
  let away = true
  const given: (readonly unknown[])[] = []
  const client = {
    evalsha: async (...said: readonly unknown[]) => {
      given.push(said)
      if (away) throw new BanyanError('unavailable', 'away')
      return '7'
    },
  }
  const redis = {
    prefix: 't:',
    duplicate: () => Object.assign(new EventEmitter(), { disconnect: () => undefined }),
    run: (commands: (asked: typeof client) => Promise<unknown>) => commands(client),
  } as unknown as RedisConnection
  const noted: unknown[] = []
  await using invalidations = new Invalidations({ redis, name: 'n', tags: 10, note: (...told) => noted.push(told), log: silentLog })
  const tags = Array.from({ length: 5_001 }, (_, number) => `tag ${number}`)
  await expect(invalidations.invalidate(tags)).rejects.toMatchObject({ code: 'unavailable' })
  for (const tag of ['one', 'two']) await expect(invalidations.invalidate([tag])).rejects.toMatchObject({ code: 'unavailable' })
  expect(given.map((said) => said.length)).toEqual(given.map(() => given[0]!.length))
  away = false
  await invalidations.settle()
  expect(noted).toEqual([['', 7, 'here']])
})
