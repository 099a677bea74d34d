import { describe, expect, test } from 'vitest'
import { memory } from './echo.ts'
import { apart, start, together } from './where.ts'

const MIB = 1024 * 1024

describe('an input is as large as memory allows, or at most 16 MiB', () => {
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    expect(await echo.hear({ value: 'x'.repeat(17 * MIB) })).toMatchObject({ heard: expect.stringContaining('more characters') as string })
  })

  test.each(apart)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    expect(await echo.hear.result({ value: 'x'.repeat(17 * MIB) })).toMatchObject({ ok: false, error: { code: 'payload_too_large', executed: 'no' } })
  })
})

const CALLS = 2_100
const results = async (wait: (input: { call: number }) => Promise<{ readonly ok: boolean; readonly error?: unknown }>) => {
  const called = Array.from({ length: CALLS }, (_, call) => wait({ call }))
  memory.gate.resolve()
  const ended = await Promise.all(called)
  return ended.flatMap((result) => (result.ok ? [] : [result.error]))
}

describe('calls at once are as many as there are, or 1,000 to a unit and 1,000 that wait for them', () => {
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    expect(await results((input) => echo.wait.result(input))).toEqual([])
  })

  test.each(apart)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    const refused = await results((input) => echo.wait.result(input))
    expect(refused.length).toBeGreaterThanOrEqual(CALLS - 2_000)
    expect(refused[0]).toMatchObject({ code: 'overloaded', executed: 'no' })
  })
})
