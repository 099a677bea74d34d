import { afterEach, beforeAll, afterAll, expect, test, vi } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import bank from './bank.ts'

type Unit = Awaited<ReturnType<typeof open>>

let installation: TestInstallation
const running = new Set<Unit>()

beforeAll(async () => {
  installation = await testInstallation()
})
afterEach(async () => {
  await Promise.all([...running].map(stop))
})
afterAll(() => installation[Symbol.asyncDispose]())

/** No unit knows an address of another. */
async function open(unit: 'money' | 'joy') {
  const opened = await start(bank, { ...installation.options, topology: 'apart', unit, secret: 'a secret that the processes share', log: silentLog })
  running.add(opened)
  return opened
}
async function stop(unit: Unit): Promise<void> {
  running.delete(unit)
  await unit[Symbol.asyncDispose]()
}
const ada = { subject: 'ada', roles: ['customer'] }

test('units find each other without a single address, whichever begins, and a call that comes too early waits', async () => {
  const joy = await open('joy')
  const early = joy.as(ada).bank.open({ account: 'early' })
  const money = await open('money')
  expect(await early).toEqual({ account: 'early' })
  await money.as(ada).bank.deposit({ account: 'early', amount: 3 })
  await joy.quiet()
  expect(await money.call.fans.thanks({ account: 'early' })).toEqual({ thanks: 1, heard: 1 })
})

test('a unit that has left is said to be absent, and found again when it is back', async () => {
  const money = await open('money')
  const joy = await open('joy')
  expect(await money.call.fans.given({ account: 'nobody' })).toBe(0)
  await stop(joy)
  // within the patience it is waited for, after it the answer comes at once
  await vi.waitFor(
    async () =>
      expect(await money.call.fans.given.result({ account: 'nobody' })).toMatchObject({
        ok: false,
        error: { code: 'unavailable', executed: 'no', message: expect.stringContaining('no instance of it is in the registry') },
      }),
    { timeout: 60_000 },
  )
  await open('joy')
  await vi.waitFor(async () => expect(await money.call.fans.given({ account: 'nobody' })).toBe(0), { timeout: 60_000 })
})

test('every replica of a unit is restarted under load, and no call fails', async () => {
  const joy = await open('joy')
  const replicas = [await open('money'), await open('money')]
  await joy.as(ada).bank.open({ account: 'rolling' })
  let done = 0
  const turn = new AbortController()
  const load = Array.from({ length: 4 }, async () => {
    while (!turn.signal.aborted) {
      await joy.as(ada).bank.deposit({ account: 'rolling', amount: 1 })
      done++
    }
  })
  for (const replica of replicas) {
    const before = done
    await vi.waitFor(() => expect(done).toBeGreaterThan(before + 20), { timeout: 60_000 })
    await stop(replica)
    await open('money')
  }
  turn.abort()
  await Promise.all(load)
  expect(await joy.call.bank.balance({ account: 'rolling' })).toMatchObject({ balance: done })
})
