import { afterAll, beforeAll, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { silentLog } from '../../src/observe/log.ts'
import bank from './bank.ts'
import { freePorts } from '../../src/testing/free-ports.ts'

type Unit = Awaited<ReturnType<typeof open>>

let installation: TestInstallation
let addresses: { money: string[]; joy: string[] }
let joy: Unit
const money: Unit[] = []

function open(unit: 'money' | 'joy', replica: number) {
  const port = Number(new URL(addresses[unit][replica]!).port)
  return start(bank, { ...installation.options, topology: 'apart', unit, addresses, port, secret: 'a secret that three processes share', log: silentLog })
}

beforeAll(async () => {
  installation = await testInstallation()
  const [first, second, third] = (await freePorts(3)).map((port) => `http://127.0.0.1:${port}`)
  addresses = { money: [first!, second!], joy: [third!] }
  money.push(await open('money', 0), await open('money', 1))
  joy = await open('joy', 0)
})
afterAll(async () => {
  for (const unit of [joy, ...money]) await unit[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const deposits = (account: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => joy.as({ subject: 'ada', roles: ['customer'] }).bank.deposit({ account, amount: 1 })))

test('calls go to the replicas of a unit, and both decide on the same streams', async () => {
  await joy.as({ subject: 'ada', roles: ['customer'] }).bank.open({ account: 'shared' })
  await deposits('shared', 40)
  expect(await joy.call.bank.balance({ account: 'shared' })).toMatchObject({ balance: 40 })
  await joy.quiet()
  expect(await joy.call.fans.given({ account: 'shared' })).toBe(40)
})

test('while one replica stops and comes back, no call fails and nothing happens twice', async () => {
  await joy.as({ subject: 'ada', roles: ['customer'] }).bank.open({ account: 'rolling' })
  let done = 0
  const turn = new AbortController()
  const under = (async () => {
    while (!turn.signal.aborted) {
      await deposits('rolling', 4)
      done += 4
    }
  })()
  for (const replica of [0, 1]) {
    await money[replica]![Symbol.asyncDispose]()
    await deposits('rolling', 10)
    done += 10
    money[replica] = await open('money', replica)
  }
  turn.abort()
  await under
  expect(await joy.call.bank.balance({ account: 'rolling' })).toMatchObject({ balance: done })
})
