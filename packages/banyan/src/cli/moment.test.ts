import { describe, expect, test } from 'vitest'
import { momentOf } from './moment.ts'

const now = new Date('2026-11-21T12:00:00Z')
const moment = (text: string): string => momentOf('at', text, now).toISOString()

describe('a moment', () => {
  test.each([
    ['10m', '2026-11-21T11:50:00.000Z'],
    ['15m ago', '2026-11-21T11:45:00.000Z'],
    ['2h', '2026-11-21T10:00:00.000Z'],
    ['1.5h', '2026-11-21T10:30:00.000Z'],
    ['2026-11-20T08:00Z', '2026-11-20T08:00:00.000Z'],
    ['2026-11-20 08:00:01.250+01:00', '2026-11-20T07:00:01.250Z'],
    ['2026-11-20T08:00-0530', '2026-11-20T13:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(moment(text)).toBe(expected)
  })

  test('is in local time where no zone is said', () => {
    const local = new Date(2026, 10, 20, 8, 0)
    expect(moment('2026-11-20T08:00')).toBe(local.toISOString())
    expect(moment('2026-11-20 08:00:00.5')).toBe(new Date(local.getTime() + 500).toISOString())
    const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()]
    expect(moment('yesterday 17:30')).toBe(new Date(year, month, day - 1, 17, 30).toISOString())
    expect(moment('today 9:05')).toBe(new Date(year, month, day, 9, 5).toISOString())
    expect(moment('yesterday')).toBe(new Date(year, month, day - 1).toISOString())
  })

  test.each(['tomorrow', '10', '10m later', '2026-99-99', '2026-02-30', '2026-11-20T25:00', 'yesterday 24:00', '20-11-2026', ''])("'%s' is none", (text) => {
    expect(() => moment(text)).toThrow(
      `--at is a time such as 10m, '2h ago', 'yesterday 17:30', 2026-11-21T08:00 or 2026-11-21T08:00Z, and '${text}' was given`,
    )
  })
})
