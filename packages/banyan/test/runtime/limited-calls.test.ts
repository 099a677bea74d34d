import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../src/observe/log.ts'
import type { RunningApp } from '../../src/testing/runner.ts'
import { runners } from '../../src/testing/runners.ts'
import quarry, { type mason as Mason, type pit as Pit } from './quarry.ts'

const refused = (limit: string) => `rate_limited by ${limit}, executed: no, later`

describe.each(runners)('limits of calls, under $name', (runner) => {
  let running: RunningApp<{ pit: typeof Pit; mason: typeof Mason }>
  beforeAll(async () => {
    // chaos repeats calls, and each repeat is one more
    running = await runner.start(quarry, {
      log: silentLog,
      ...(runner.name === 'wire' && { chaos: { seed: 1, latency: { rate: 0.5, ms: 3 }, shuffles: 0.5 } }),
    })
  })
  afterAll(() => running[Symbol.asyncDispose]())
  const services = () => running.as({ subject: 'ada' })

  test('requests from outside are counted, and calls of services are not, unless it is said', async () => {
    expect(await services().mason.order()).toEqual(['stone', 'stone', 'stone'])
    const dig = async () => (await fetch(`${running.url}/stones`, { method: 'POST' })).status
    expect([await dig(), await dig(), await dig()]).toEqual([200, 200, 429])
    expect(await services().mason.order()).toEqual(['stone', 'stone', 'stone'])
  })

  test('a caller above the limit is told how long to wait, and that nothing was done', async () => {
    expect(await services().mason.glance()).toEqual(['deep', 'deep', 'deep', refused('ip'), refused('ip')])
  })

  test('a call costs by its input, and one that costs too much is never admitted', async () => {
    expect(await services().mason.demand({ sticks: [6, 5, 4, 11] })).toEqual([
      '6 sticks',
      refused('sticks'),
      '4 sticks',
      'rate_limited by sticks, executed: no, never',
    ])
  })
})
