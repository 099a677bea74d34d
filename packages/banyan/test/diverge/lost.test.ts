import { describe, expect, test } from 'vitest'
import { memory } from './echo.ts'
import { astray, start, together } from './where.ts'

const texts = Array.from({ length: 20 }, (_, index) => `note ${index}`)

describe('a call ends, or may be lost on the way: `unavailable`, and nobody knows whether it was executed', () => {
  const chaos = { drops: 1 }
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    for (const text of texts) expect(await echo.note({ text })).toEqual({ text })
  })

  test.each(astray)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    for (const text of texts) expect(await echo.note.result({ text })).toMatchObject({ ok: false, error: { code: 'unavailable', executed: 'maybe' } })
    expect(memory.texts.length).toBeGreaterThan(0)
  })
})

describe('a handler runs once for a call, or again for a repeat: what it does outside its transaction may happen twice', () => {
  const chaos = { drops: 0.5, repeats: false }
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    for (const text of texts) await echo.note({ text })
    expect(memory.texts).toEqual(texts)
  })

  test.each(astray)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    for (const text of texts) expect(await echo.note({ text })).toEqual({ text })
    expect(memory.texts.length).toBeGreaterThan(texts.length)
    expect([...new Set(memory.texts)]).toEqual(texts)
  })
})

describe('a secret command is answered, or its answer may be lost for good, since it is not kept', () => {
  const chaos = { drops: 0.5 }
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    for (const text of texts) expect(await echo.confide({ text })).toEqual({ text })
  })

  test.each(astray)('under $name', async (runner) => {
    await using running = await start(runner, chaos)
    const { echo } = running.call
    const results = await Promise.all(texts.map((text) => echo.confide.result({ text })))
    const codes = new Set(results.map((result) => (result.ok ? 'answered' : result.error.code)))
    expect(codes).toContain('answered')
    expect(codes).toContain('answer_not_kept')
  })
})
