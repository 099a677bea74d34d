import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { start } from '../../src/index.ts'
import { silentLog } from '../../src/observe/log.ts'
import { readPostmaster } from '../../src/store/embedded/postmaster.ts'
import bank from '../runtime/bank.ts'

const patient = { timeout: 60_000, interval: 100 }
const ada = { subject: 'ada', roles: ['customer'] }

test('while the database of the registry is away calls go on to who was known, and afterwards instances come and go as before', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'banyan-restart-'))
  await chmod(directory, 0o755)
  const open = (unit: 'money' | 'joy') =>
    start(bank, {
      name: 'restart',
      directory,
      development: true,
      port: 0,
      topology: 'apart',
      unit,
      secret: 'a secret that the processes share',
      log: silentLog,
    })
  try {
    await using joy = await open('joy')
    const money = await open('money')
    await joy.as(ada).bank.open({ account: 'lasting' })

    process.kill(readPostmaster(join(directory, '.banyan/postgres'))!.pid, 'SIGKILL')
    // needs no database itself
    expect(await joy.call.bank.rate({ currency: 'EUR' })).toEqual({ rate: 1 })
    await vi.waitFor(async () => expect(await joy.as(ada).bank.deposit({ account: 'lasting', amount: 1 })).toEqual({ balance: 1 }), patient)

    await using _second = await open('money')
    await money[Symbol.asyncDispose]()
    expect(await joy.as(ada).bank.deposit({ account: 'lasting', amount: 1 })).toEqual({ balance: 2 })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
