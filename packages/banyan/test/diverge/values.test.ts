import { describe, expect, test } from 'vitest'
import { apart, start, together } from './where.ts'

const value = { at: new Date(0), never: Number.NaN, gone: undefined, many: new Map([[1, 2]]), list: [undefined] }

describe('what a schema leaves open (z.unknown) arrives as it is, or as JSON says it', () => {
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    expect(await echo.hear({ value })).toEqual({
      heard: '{ at: 1970-01-01T00:00:00.000Z, never: NaN, gone: undefined, many: Map(1) { 1 => 2 }, list: [ undefined ] }',
    })
  })

  test.each(apart)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    expect(await echo.hear({ value })).toEqual({ heard: "{ at: '1970-01-01T00:00:00.000Z', never: null, many: {}, list: [ null ] }" })
  })
})

describe('text that PostgreSQL cannot store is refused where it would be stored, or where it arrives', () => {
  test.each(together)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    expect(await echo.hear({ value: 'a\0b' })).toEqual({ heard: String.raw`'a\x00b'` })
    expect(await echo.note.result({ text: 'a\0b' })).toMatchObject({ ok: false, error: { code: 'invalid_event' } })
  })

  test.each(apart)('under $name', async (runner) => {
    await using running = await start(runner)
    const { echo } = running.call
    expect(await echo.hear.result({ value: 'a\0b' })).toMatchObject({ ok: false, error: { code: 'malformed_request' } })
    expect(await echo.note.result({ text: 'a\0b' })).toMatchObject({ ok: false, error: { code: 'malformed_request' } })
  })
})
