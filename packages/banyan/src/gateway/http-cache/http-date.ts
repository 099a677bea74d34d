const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

// the three forms of RFC 9110 §5.6.7; what must be sent today comes first
const imf = /^(?:mon|tue|wed|thu|fri|sat|sun), (\d{2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (?:gmt|utc)$/i
const rfc850 = /^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\d{2})-([a-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) (?:gmt|utc)$/i
const asctime = /^(?:mon|tue|wed|thu|fri|sat|sun) ([a-z]{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/i

/** Milliseconds since 1970 that an HTTP date names, or `undefined` for anything that is none. Two-digit years lie at most 50 years after `now` (RFC 9110 §5.6.7). */
export function httpDate(text: string | undefined, now: number = Date.now()): number | undefined {
  if (text === undefined) return undefined
  const modern = imf.exec(text)
  if (modern) return moment(Number(modern[3]), modern[2]!, modern[1]!, modern.slice(4, 7))
  const older = rfc850.exec(text)
  if (older) return moment(fullYear(Number(older[3]), now), older[2]!, older[1]!, older.slice(4, 7))
  const oldest = asctime.exec(text)
  return oldest ? moment(Number(oldest[6]), oldest[1]!, oldest[2]!, oldest.slice(3, 6)) : undefined
}

function fullYear(year: number, now: number): number {
  const current = new Date(now).getUTCFullYear()
  const full = current - (current % 100) + year
  return full > current + 50 ? full - 100 : full
}

function moment(year: number, monthName: string, dayText: string, time: readonly string[]): number | undefined {
  const month = MONTHS.indexOf(monthName.toLowerCase())
  const day = Number(dayText)
  const [hour, minute, second] = time.map(Number) as [number, number, number]
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(Date.UTC(year, month, day, hour, minute, Math.min(second, 59)))
  if (year < 100) date.setUTCFullYear(year)
  return date.getUTCDate() === day ? date.getTime() : undefined
}
