import { afterAll, beforeAll, describe } from 'vitest'
import { silentLog } from '../../src/observe/log.ts'
import type { RunningApp } from '../../src/testing/runner.ts'
import { runners } from '../../src/testing/runners.ts'
import bank, { type bank as Bank, type fans as Fans } from './bank.ts'
import { bodies } from './bodies.ts'

type Contracts = { bank: typeof Bank; fans: typeof Fans }

describe.each(runners)('under $name', (runner) => {
  let running: RunningApp<Contracts>
  beforeAll(async () => {
    running = await runner.start(bank, { log: silentLog })
  })
  afterAll(() => running[Symbol.asyncDispose]())

  bodies(() => running)
})
