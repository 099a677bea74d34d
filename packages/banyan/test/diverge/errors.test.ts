import { describe, expect, test } from 'vitest'
import { apart, start, together } from './where.ts'

describe('a fault of the callee is `internal` with its message, and with its cause where that is in the same process', () => {
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    const result = await echo.fail.result()
    expect(result).toMatchObject({ ok: false, error: { code: 'internal', message: 'echo.fail failed: a slip of the pen' } })
    expect(!result.ok && (result.error as Error).cause).toBeInstanceOf(TypeError)
  })

  test.each(apart)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    const result = await echo.fail.result()
    expect(result).toMatchObject({ ok: false, error: { code: 'internal', message: 'echo.fail failed: a slip of the pen' } })
    expect(!result.ok && (result.error as Error).cause).toBeUndefined()
  })
})
