import { BanyanError, type Issue } from './errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** JSON text of a value that PostgreSQL's jsonb accepts. Throws `invalid_event` where jsonb would refuse (U+0000, lone surrogates) or JSON would lose (undefined, NaN). */
export function storableJson(value: unknown, what: string): string {
  const text = JSON.stringify(value)
  if (text === undefined) throw new BanyanError('invalid_event', `${what} is ${typeof value}, which JSON cannot say`)
  // JSON.stringify writes both as \u escapes; an even number of backslashes before them is a literal backslash and harmless
  const bad = text.includes('\\u') && /(?<!\\)(?:\\\\)*\\u(0000|d[89a-f][0-9a-f]{2})/.exec(text)
  if (bad) {
    const message = bad[1] === '0000' ? 'holds the character U+0000' : `holds the lone surrogate \\u${bad[1]}`
    const issue: Issue = { path: '', message }
    throw new BanyanError('invalid_event', `${what} ${message}, which PostgreSQL cannot store in jsonb; remove it at the boundary`, {
      details: { issues: [issue] },
    })
  }
  return text
}

/** JSON text with object keys in order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(isOrdered(value) ? value : ordered(value))
}

/** Whether an object is flat, and its keys are in order already, as those of most inputs are: then nothing need be made anew. */
function isOrdered(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toJSON' in value) return false
  const given = value as Readonly<Record<string, unknown>>
  let before = ''
  for (const key in given) {
    if (key < before || typeof given[key] === 'object' || typeof given[key] === 'function') return false
    before = key
  }
  return true
}

/** The value with its keys in order. Built by hand: a replacer of `JSON.stringify` takes more than twice as long. */
function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(ordered)
  if ('toJSON' in value && typeof value.toJSON === 'function') return ordered(value.toJSON())
  const given = value as Readonly<Record<string, unknown>>
  const made: Record<string, unknown> = {}
  for (const key of Object.keys(given).sort()) {
    if (key === '__proto__') Object.defineProperty(made, key, { value: ordered(given[key]), enumerable: true })
    else made[key] = ordered(given[key])
  }
  return made
}
