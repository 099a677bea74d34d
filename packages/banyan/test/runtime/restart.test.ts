import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { silentLog } from '../../src/observe/log.ts'
import bank from './bank.ts'

let installation: TestInstallation
let running: Awaited<ReturnType<typeof open>>

function open() {
  return start(bank, { ...installation.options, log: silentLog })
}

beforeAll(async () => {
  installation = await testInstallation()
  running = await open()
})
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

describe('a process that is started again', () => {
  test('has what was committed', async () => {
    const ada = { subject: 'ada', roles: ['customer'] }
    await running.as(ada).bank.open({ account: 'lasting' })
    await running.as(ada).bank.deposit({ account: 'lasting', amount: 4 }, { idempotencyKey: 'once-and-for-all' })
    await running[Symbol.asyncDispose]()
    running = await open()
    expect(await running.as(ada).bank.balance({ account: 'lasting' })).toMatchObject({ balance: 4 })
    expect(await running.as(ada).bank.deposit({ account: 'lasting', amount: 4 }, { idempotencyKey: 'once-and-for-all' })).toEqual({ balance: 4 })
    await running.quiet()
    expect(await running.call.fans.thanks({ account: 'lasting' })).toEqual({ thanks: 1, heard: 1 })
  })

  test('a send for later waits, also through a restart, and holds up nobody who waits for quiet', async () => {
    const thanks = async () => (await running.call.fans.thanks({ account: 'later' })).thanks
    await running.call.fans.promise({ account: 'later', inMs: 3_600_000 })
    await running.quiet()
    await running.call.fans.promise({ account: 'later', inMs: 500 })
    await running[Symbol.asyncDispose]()
    running = await open()
    await expect.poll(thanks).toBe(1)
  })
})
