import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import type { TlsOptions } from '../../src/security/tls.ts'
import { testInstallation, type TestInstallation } from '../../src/testing/installation.ts'
import { authority, hasOpenssl, NO_OPENSSL, type Authority } from '../http/certificates.ts'
import bank from './bank.ts'
import { freePorts } from '../../src/testing/free-ports.ts'

type Unit = Awaited<ReturnType<typeof open>>

let home: Authority
let installation: TestInstallation
let addresses: { money: string; joy: string }

function open(unit: 'money' | 'joy', tls: TlsOptions) {
  const port = Number(new URL(addresses[unit]).port)
  return start(bank, { ...installation.options, topology: 'apart', unit, addresses, port, secret: 'a secret that the two units share', tls, log: silentLog })
}

describe.skipIf(!hasOpenssl)(`two units with mutual TLS${hasOpenssl ? '' : `: skipped, ${NO_OPENSSL}`}`, () => {
  let money: Unit
  let joy: Unit
  beforeAll(async () => {
    home = authority('home')
    installation = await testInstallation()
    const [first, second] = await freePorts(2)
    addresses = { money: `https://127.0.0.1:${first}`, joy: `https://127.0.0.1:${second}` }
    money = await open('money', home.unit('money'))
    joy = await open('joy', home.unit('joy'))
  })
  afterAll(async () => {
    await joy[Symbol.asyncDispose]()
    await money[Symbol.asyncDispose]()
    await installation[Symbol.asyncDispose]()
    home[Symbol.dispose]()
  })

  test('call each other and follow each other’s events', async () => {
    expect(money.url).toBe(addresses.money)
    await joy.as({ subject: 'ada', roles: ['customer'] }).bank.open({ account: 'safe' })
    await joy.as({ subject: 'ada', roles: ['customer'] }).bank.deposit({ account: 'safe', amount: 2 })
    await joy.quiet()
    expect(await money.call.fans.thanks({ account: 'safe' })).toEqual({ thanks: 1, heard: 1 })
  })

  test('one without a certificate is told why, and callers see it as away', async () => {
    await joy[Symbol.asyncDispose]()
    joy = await open('joy', { ca: home.ca })
    expect(await joy.call.bank.rate.result({ currency: 'EUR' })).toMatchObject({
      ok: false,
      error: { code: 'unavailable', executed: 'no', message: expect.stringContaining('this unit has none; set BANYAN_TLS_CERT') as string },
    })
    expect(await joy.call.bank.rate({ currency: 'EUR' }, { fallback: { rate: 2 } })).toEqual({ rate: 2 })
  })
})
