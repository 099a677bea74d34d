import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../src/observe/log.ts'
import type { RunningApp } from '../../src/testing/runner.ts'
import { runners } from '../../src/testing/runners.ts'
import { NO_REDIS, sharedRedis } from '../redis.ts'
import ledgers, { accounts, origin, runs, type reports } from './accounts.ts'

const redisUrl = await sharedRedis()
const ways = [
  ...runners.map((runner) => ({ runner, name: runner.name, tiers: 'memory', url: undefined })),
  ...(redisUrl === undefined ? [] : [{ runner: runners[2], name: 'split', tiers: 'memory and Redis', url: redisUrl }]),
]

test('with a Redis', ({ skip }) => {
  if (redisUrl === undefined) skip(NO_REDIS)
  expect(ways.map(({ tiers }) => tiers)).toContain('memory and Redis')
})

describe.each(ways)('answers cached in $tiers, under $name', ({ runner, url }) => {
  let running: RunningApp<{ accounts: typeof accounts; reports: typeof reports }>
  beforeAll(async () => {
    delete process.env['CACHE_TEST_REDIS_URL']
    if (url !== undefined) process.env['CACHE_TEST_REDIS_URL'] = url
    running = await runner.start(ledgers, { log: silentLog, topology: 'two' })
  })
  beforeEach(() => {
    runs.clear()
    origin.wait = origin.failure = undefined
  })
  afterAll(() => running[Symbol.asyncDispose]())

  const set = (name: string, amount: number, holder = 'ada') => running.call.accounts.set({ name, holder, amount })

  test('come from the handler once, until an event makes them old', async () => {
    await set('a', 1)
    await running.quiet()
    runs.clear()
    for (let again = 0; again < 3; again++) expect(await running.call.accounts.byName({ name: 'a' })).toMatchObject({ amount: 1 })
    expect(runs.get('byName')).toBe(1)
    await set('a', 2)
    await running.quiet()
    expect(await running.call.accounts.byName({ name: 'a' })).toMatchObject({ amount: 2 })
  })

  test('are seen at once by who has written', async () => {
    const ada = running.as({ subject: 'ada' })
    for (let amount = 1; amount <= 5; amount++) {
      await ada.accounts.set({ name: 'own', holder: 'ada', amount })
      expect(await ada.accounts.byName({ name: 'own' })).toMatchObject({ amount })
      expect(await ada.accounts.byName({ name: 'own' })).toMatchObject({ amount })
    }
  })

  test('of another service are made old through its feed', async () => {
    await set('b', 1)
    await running.quiet()
    expect(await running.call.reports.account({ name: 'b' })).toEqual({ text: 'b has 1' })
    await set('b', 2)
    await running.quiet()
    await expect.poll(() => running.call.reports.account({ name: 'b' })).toEqual({ text: 'b has 2' })
  })

  test('of a projection are made old when it has applied the event', async () => {
    await running.quiet()
    const { amount: before } = await running.call.accounts.total()
    for (let more = 1; more <= 3; more++) {
      await set('c', 1)
      await running.quiet()
      expect(await running.call.accounts.total()).toEqual({ amount: before + more })
    }
  })

  test('are given to whom the access rule lets see them, and no other', async () => {
    await set('mine', 1, 'ada')
    await running.quiet()
    expect(await running.as({ subject: 'ada' }).accounts.mine({ name: 'mine' })).toMatchObject({ amount: 1 })
    await expect(running.as({ subject: 'bo' }).accounts.mine({ name: 'mine' })).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('are private to the subject and what it may do', async () => {
    for (const who of [{ subject: 'ada' }, { subject: 'ada', roles: ['staff'] }, { subject: 'bo' }]) {
      for (let again = 0; again < 2; again++) {
        expect(await running.as(who).accounts.whoami()).toEqual({ subject: who.subject, roles: who.roles ?? [] })
      }
    }
    expect(runs.get('whoami')).toBe(3)
  })

  test('say that something is not there, until it is', async () => {
    for (let again = 0; again < 2; again++) {
      const error: unknown = await running.call.accounts.byName({ name: 'new' }).catch((thrown: unknown) => thrown)
      expect(accounts.byName.errors.NotFound.is(error) && error.details).toEqual({ name: 'new' })
    }
    expect(runs.get('byName')).toBe(1)
    await set('new', 1)
    await running.quiet()
    expect(await running.call.accounts.byName({ name: 'new' })).toMatchObject({ amount: 1 })
  })

  test('belong to whoever got them', async () => {
    await set('d', 1)
    const got = await running.call.accounts.byName({ name: 'd' })
    got.amount = 99
    expect(await running.call.accounts.byName({ name: 'd' })).toMatchObject({ amount: 1 })
  })

  test('are cached by hand under the same tags', async () => {
    await set('e', 1)
    await running.quiet()
    runs.clear()
    for (let again = 0; again < 2; again++) expect(await running.call.accounts.byHand({ name: 'e' })).toMatchObject({ amount: 1 })
    expect(runs.get('byHand')).toBe(1)
    await set('e', 2)
    await running.quiet()
    expect(await running.call.accounts.byHand({ name: 'e' })).toMatchObject({ amount: 2 })
  })

  test('by hand are put, dropped and cleared', async () => {
    const byHand = async (name: string) => (await running.call.accounts.byHand({ name })).amount
    for (const name of ['g', 'h']) await set(name, 1)
    await running.quiet()
    expect([await byHand('g'), await byHand('h')]).toEqual([1, 1])
    await running.call.accounts.putByHand({ name: 'g', holder: 'ada', amount: 7 })
    expect([await byHand('g'), await byHand('h')]).toEqual([7, 1])
    // what is put depends on its tags like what is loaded
    await set('g', 2)
    await running.quiet()
    expect(await byHand('g')).toBe(2)
    runs.clear()
    await running.call.accounts.dropByHand({ name: 'g' })
    expect([await byHand('g'), await byHand('h'), runs.get('byHand')]).toEqual([2, 1, 1])
    expect(await running.call.accounts.byName({ name: 'h' })).toMatchObject({ amount: 1 })
    runs.clear()
    await running.call.accounts.clearByHand()
    expect([await byHand('g'), await byHand('h'), runs.get('byHand')]).toEqual([2, 1, 2])
    expect(await running.call.accounts.byName({ name: 'h' })).toMatchObject({ amount: 1 })
    expect(runs.get('byName'), 'answers of queries are of the service too').toBe(1)
  })

  test('are loaded once for many who ask at once', async () => {
    await set('f', 1)
    await running.quiet()
    runs.clear()
    const held = Promise.withResolvers<void>()
    origin.wait = held.promise
    const answers = Array.from({ length: 20 }, () => running.call.accounts.byName({ name: 'f' }))
    await expect.poll(() => runs.get('byName')).toBe(1)
    held.resolve()
    expect((await Promise.all(answers)).every(({ amount }) => amount === 1)).toBe(true)
    expect(runs.get('byName')).toBe(1)
  })
})
