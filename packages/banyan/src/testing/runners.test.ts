import { expect, test } from 'vitest'
import bank from '../../test/runtime/bank.ts'
import { silentLog } from '../observe/log.ts'
import { testInstallation } from './installation.ts'
import { runners } from './runners.ts'

const [local, wire, split] = runners
const module = import.meta.resolve('../../test/runtime/bank.ts')
const ada = { subject: 'ada', roles: ['customer'] }

test('one process answers at one address, each service of a divided app at its own, each replica too', async () => {
  await using one = await local.start(bank, { log: silentLog })
  expect(one.urls).toEqual([one.url])
  await using apart = await split.start(bank, { log: silentLog, replicas: { bank: 2 } })
  expect(new Set(apart.urls).size).toBe(3)
  expect(apart.urls[0]).toBe(apart.url)
  for (const url of apart.urls) expect((await fetch(`${url}/thanks/nobody`)).status).toBe(200)
})

test('units by a topology of the app run in processes of their own, where a module is given', async () => {
  await using running = await split.start(bank, { log: silentLog, topology: 'apart', processes: module })
  expect(running.urls).toHaveLength(2)
  await running.as(ada).bank.open({ account: 'far' })
  await running.as(ada).bank.deposit({ account: 'far', amount: 1 })
  await running.quiet()
  expect(await running.call.fans.thanks({ account: 'far' })).toEqual({ thanks: 1, heard: 1 })
  const away = (await fetch(`${running.urls[1]}/_development/activity`)).json() as Promise<readonly { service: string }[]>
  expect((await away).map(({ service }) => service)).toEqual(['fans'])
})

test('what one run has stored is there for the next in the same installation, under whichever runner', async () => {
  await using installation = await testInstallation()
  {
    await using running = await split.start(bank, { log: silentLog, installation })
    await running.as(ada).bank.open({ account: 'kept' })
    await running.as(ada).bank.deposit({ account: 'kept', amount: 5 })
  }
  await using running = await wire.start(bank, { log: silentLog, installation })
  expect(await running.call.bank.balance({ account: 'kept' })).toMatchObject({ balance: 5 })
})

test('a unit that does not start fails the run, and nothing of it stays', async () => {
  await expect(split.start(bank, { log: silentLog, replicas: { fan: 2 } })).rejects.toThrow(
    "replicas are asked of unit 'fan', which is not there; units are bank, fans",
  )
  const started = split.start(bank, { log: silentLog, topology: 'apart', processes: import.meta.resolve('./no-such-app.ts') })
  await expect(started).rejects.toThrow("unit 'joy' ended with exit code 1 before it answered")
  await expect(wire.start(bank, { log: silentLog, chaos: { seed: 1, errors: 5 } })).rejects.toMatchObject({ code: 'invalid_configuration' })
})

test('the same seed gives the same failures to the same calls, another seed others', async () => {
  const failures = async (seed: number) => {
    await using running = await wire.start(bank, { log: silentLog, chaos: { seed, errors: 0.3, drops: 0.3 } })
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) => running.call.bank.deposit.result({ account: 'any', amount: 1 }, { idempotencyKey: `deposit-${index}` })),
    )
    return results.map((result) => (result.ok ? 'done' : (result.error as Error).message))
  }
  const first = await failures(7)
  expect(first).toContain('bank.deposit was refused on purpose, by chaos with seed 7')
  expect(await failures(7)).toEqual(first)
  expect(await failures(8)).not.toEqual(first)
})
