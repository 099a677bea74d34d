import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { silentLog } from '../../src/observe/log.ts'
import bank from './bank.ts'
import { bodies } from './bodies.ts'
import { freePorts } from '../../src/testing/free-ports.ts'

let installation: TestInstallation
let money: Awaited<ReturnType<typeof open>>
let joy: Awaited<ReturnType<typeof open>>
let addresses: Record<string, string>

function open(unit: 'money' | 'joy') {
  const port = Number(new URL(addresses[unit]!).port)
  return start(bank, { ...installation.options, topology: 'apart', unit, addresses, port, secret: 'a secret that the two units share', log: silentLog })
}

beforeAll(async () => {
  installation = await testInstallation()
  const [first, second] = await freePorts(2)
  addresses = { money: `http://127.0.0.1:${first}`, joy: `http://127.0.0.1:${second}` }
  // the consumer before the producer: start order does not matter
  joy = await open('joy')
  money = await open('money')
})
afterAll(async () => {
  await money[Symbol.asyncDispose]()
  await joy[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

describe('in two units, through the other one', () => bodies(() => joy))

test('a unit that is away is unavailable, and what it missed reaches it when it is back', async () => {
  const ada = { subject: 'ada', roles: ['customer'] }
  await money.as(ada).bank.open({ account: 'patient' })
  await joy[Symbol.asyncDispose]()
  await money.as(ada).bank.deposit({ account: 'patient', amount: 1 })
  expect(await money.call.fans.thanks.result({ account: 'patient' })).toMatchObject({ ok: false, error: { code: 'unavailable', executed: 'no' } })
  joy = await open('joy')
  await joy.quiet()
  expect(await money.call.fans.thanks({ account: 'patient' })).toEqual({ thanks: 1, heard: 1 })
})

test('units with different secrets do not hear each other', async () => {
  const [port] = await freePorts(1)
  const stranger = await start(bank, {
    ...installation.options,
    topology: 'apart',
    unit: 'joy',
    addresses,
    port: port!,
    secret: 'another secret of thirty-two letters',
    log: silentLog,
  })
  try {
    expect(await stranger.call.bank.rate.result({ currency: 'EUR' })).toMatchObject({ ok: false, error: { code: 'unauthenticated' } })
  } finally {
    await stranger[Symbol.asyncDispose]()
  }
})
