import { expect, test } from 'vitest'
import { clock, Progress, type Moment } from './progress.ts'

const moment: Moment = { elapsedMs: 0, invoices: 0, lines: 0, accepted: 0, refused: 0, events: 0, repeats: 0, kills: 0 }

function shown(isTTY: boolean, json: boolean, ...moments: Partial<Moment>[]): string[] {
  const written: string[] = []
  const out = { isTTY, columns: 100, write: (text: string) => void written.push(text) } as unknown as NodeJS.WriteStream
  const progress = new Progress({ out, json, totals: { invoices: 25_900, lines: 541_909 } })
  moments.forEach((changes, index) => progress.show({ ...moment, ...changes }, index === moments.length - 1))
  return written
}
const half = { elapsedMs: 65_000, invoices: 13_000, lines: 270_955, accepted: 200_000, refused: 70_955, events: 650_000 }

test('on a terminal the same lines are drawn again', () => {
  const [first, second] = shown(true, false, {}, half)
  expect(first).toContain('░'.repeat(40))
  expect(second).toContain(`${'█'.repeat(20)}${'░'.repeat(20)}`)
  expect(second).toContain('1:05 50 %, 1:05 left')
  expect(second).toContain('270,955 lines (4,169/s)')
  expect(second!.startsWith('\x1b[6A')).toBe(true)
})

test('elsewhere there is a line now and then, and one at the end', () => {
  const lines = shown(false, false, {}, { elapsedMs: 1_000 }, { elapsedMs: 2_000 }, { ...half, kills: 3 })
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain(
    '13,000 of 25,900 invoices (206/s) · 270,955 lines (4,301/s) · 200,000 accepted + 70,955 refused · 650,000 events (10,317/s) · 3 kills\n',
  )
  expect(JSON.parse(shown(false, true, half)[0]!)).toEqual({ progress: { ...moment, ...half } })
})

test('times are written for people', () => {
  expect([0, 9_499, 61_000, 3_600_000].map(clock)).toEqual(['0:00', '0:09', '1:01', '60:00'])
})
