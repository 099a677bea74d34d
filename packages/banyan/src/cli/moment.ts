import { milliseconds, type Duration } from '../kernel/duration.ts'
import { misuse } from './arguments.ts'

/**
 * A moment as people write it: ISO 8601 (`2026-11-21T08:00`, in local time unless a zone is given; a date alone is its midnight in UTC),
 * `10m` or `10m ago`, `today 08:00`, `yesterday 17:30`. Throws `usage` for anything else, and for dates that no calendar has.
 */
export function momentOf(option: string, text: string, now: Date): Date {
  const found = isoMoment(text) ?? agoMoment(text, now) ?? dayMoment(text, now)
  if (found) return found
  throw misuse(`--${option} is a time such as 10m, '2h ago', 'yesterday 17:30', 2026-11-21T08:00 or 2026-11-21T08:00Z, and '${text}' was given`)
}

const iso = /^(\d{4})-(\d{2})-(\d{2})([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

function isoMoment(text: string): Date | undefined {
  const [, year, month, day] = iso.exec(text) ?? []
  if (day === undefined || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined
  const date = new Date(
    text
      .replace(' ', 'T')
      .replace(',', '.')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2'),
  )
  return Number.isNaN(date.getTime()) ? undefined : date
}

function agoMoment(text: string, now: Date): Date | undefined {
  const [, length] = /^(\d+(?:\.\d+)?(?:ms|s|m|h|d))(?: ago)?$/.exec(text) ?? []
  return length === undefined ? undefined : new Date(now.getTime() - milliseconds(length as Duration))
}

function dayMoment(text: string, now: Date): Date | undefined {
  const [, day, hour = '0', minute = '0'] = /^(today|yesterday)(?: ([01]?\d|2[0-3]):([0-5]\d))?$/.exec(text) ?? []
  if (day === undefined) return undefined
  const date = new Date(now)
  date.setDate(date.getDate() - (day === 'yesterday' ? 1 : 0))
  date.setHours(Number(hour), Number(minute), 0, 0)
  return date
}
