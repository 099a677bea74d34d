import { describe, expect, test } from 'vitest'
import { memory } from './echo.ts'
import { astray, start, together } from './where.ts'

const calls = Array.from({ length: 50 }, (_, call) => call)

describe('calls that do not wait for each other begin in the order in which they were made, or in any', () => {
  const chaos = { latency: { rate: 0.5, ms: 20 } }
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    memory.gate.resolve()
    expect(await Promise.all(calls.map((call) => echo.wait({ call })))).toEqual(calls)
    expect(memory.calls).toEqual(calls)
  })

  test.each(astray)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    memory.gate.resolve()
    expect(await Promise.all(calls.map((call) => echo.wait({ call })))).toEqual(calls)
    expect(memory.calls).not.toEqual(calls)
    expect(memory.calls.toSorted((one, other) => one - other)).toEqual(calls)
  })
})
