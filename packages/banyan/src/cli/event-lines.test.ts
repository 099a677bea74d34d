import { describe, expect, test } from 'vitest'
import { chainHead, eventLines, eventTrees, followedLines, timeText, type Drawing } from './event-lines.ts'
import type { ListedEvent } from './event-query.ts'
import { style } from './style.ts'

const midnight = new Date('2026-11-21T00:00:00.000Z').getTime()
const drawing = (width?: number): Drawing => ({ style: style(false), width, services: ['orders', 'payments', 'inventory'], widths: [] })

interface Given {
  readonly id: string
  readonly service: string
  readonly type: string
  readonly ms: number
  readonly by: string
  /** The event that led to it; without one the command of the chain. */
  readonly cause?: string
  readonly chain?: string
}
function event({ id, service, type, ms, by, cause, chain = 'chain-1' }: Given): ListedEvent {
  const meta = { correlation: chain, causation: cause ?? chain, causedBy: cause === undefined ? ('command' as const) : ('event' as const), by, actor: 'ada' }
  const stream = `${service}/0192f0c2-7d3a-7bbb-8888-1234abcd5678`
  return { id, service, type, stream, version: 1, partition: 0, position: ms, schema: 1, tenant: 'default', data: { n: ms }, meta, at: new Date(midnight + ms) }
}

const placed = event({ id: 'placed', service: 'orders', type: 'Placed', ms: 100, by: 'orders.place' })
const reserved = event({ id: 'reserved', service: 'inventory', type: 'Reserved', ms: 112, by: 'inventory reactions', cause: 'placed' })
const charged = event({ id: 'charged', service: 'payments', type: 'Charged', ms: 140, by: 'payments.charge', cause: 'reserved' })
const other = event({ id: 'other', service: 'orders', type: 'Placed', ms: 120, by: 'orders.place', chain: 'chain-2' })
const late = event({ id: 'late', service: 'orders', type: 'Cancelled', ms: 150, by: 'orders reactions', cause: 'gone', chain: 'chain-3' })

describe('events as lines', () => {
  test('say everything, in columns, where no terminal limits them', () => {
    expect(eventLines([placed, reserved], drawing())).toBe(
      [
        '2026-11-21T00:00:00.100Z  orders     Placed    orders/0192f0c2-7d3a-7bbb-8888-1234abcd5678     v1  ada  orders.place         {"n":100}',
        '2026-11-21T00:00:00.112Z  inventory  Reserved  inventory/0192f0c2-7d3a-7bbb-8888-1234abcd5678  v1  ada  inventory reactions  {"n":112}',
        '',
      ].join('\n'),
    )
  })

  test('are shortened to a terminal', () => {
    const lines = eventLines([placed], drawing(76))
    expect(lines).toMatch(/orders {2}Placed {2}orders\/…abcd5678 {2}v1 {2}ada {2}orders\.pl.*…\n$/)
    expect(lines.trimEnd().length).toBeLessThanOrEqual(76)
  })

  test('say the day only where it is another', () => {
    const now = new Date()
    expect(timeText(now, { width: 80 })).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/)
    expect(timeText(new Date(now.getTime() - 86_400_000), { width: 80 })).toMatch(/^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
  })
})

describe('events as trees', () => {
  test('stand under what caused them, with the time it took', () => {
    expect(eventTrees([placed, reserved, other, charged], drawing(200)).replaceAll(/\d\d(-\d\d )?[\d:]*\.\d{3}/g, 'TIME')).toBe(
      [
        'orders.place  ada  TIME  chain-1',
        '└─ orders Placed           orders/…abcd5678 v1                                  {"n":100}',
        '   └─ inventory Reserved   inventory/…abcd5678 v1  inventory reactions  +12 ms  {"n":112}',
        '      └─ payments Charged  payments/…abcd5678 v1   payments.charge      +28 ms  {"n":140}',
        '',
        'orders.place  ada  TIME  chain-2',
        '└─ orders Placed  orders/…abcd5678 v1  {"n":120}',
        '',
      ].join('\n'),
    )
  })

  test('begin with what is known where the beginning is not', () => {
    expect(chainHead([late], drawing())).toBe('an earlier event  ada  2026-11-21T00:00:00.150Z  chain-3\n')
    expect(eventTrees([late], drawing())).toContain('└─ orders Cancelled')
  })

  test('grow line by line', () => {
    const show = followedLines(drawing(200))
    expect(show([placed])).toMatch(/^orders\.place {2}ada .* chain-1\nin-1 {2}└─ orders Placed/)
    expect(show([other])).toMatch(/^\norders\.place {2}ada .* chain-2\nin-2 {2}└─ orders Placed/)
    expect(show([reserved, charged])).toMatch(/^in-1 {5}└─ inventory Reserved .* \+12 ms .*\nin-1 {8}└─ payments Charged .* \+28 ms .*\n$/)
  })
})
