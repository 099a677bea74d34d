import { cacheControl, fromDirectives, type Argument, type CacheControl } from './cache-control.ts'
import { field, type Fields } from './fields.ts'

/** What an answer says to this cache. */
export interface Instructions {
  readonly control: CacheControl
  /** Said in a field for caches like this one, so that `Cache-Control` and `Expires` are for others (RFC 9213 §2.2). */
  readonly targeted: boolean
}

/** What counts for this cache: the first of the targeted fields that can be read and is not empty, else `Cache-Control`. */
export function instructions(answer: Fields, targets: readonly string[]): Instructions {
  for (const target of targets) {
    const text = field(answer, target)
    const list = text === undefined ? undefined : dictionary(text)
    if (list !== undefined && list.length > 0) return { control: fromDirectives(list), targeted: true }
  }
  return { control: cacheControl(field(answer, 'cache-control')), targeted: false }
}

// RFC 8941 §3.2: members of a dictionary; strings, tokens, numbers, byte sequences and booleans, with parameters that are not looked at
const item = /(?:-?\d{1,15}(?:\.\d{1,3})?|"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"|[A-Za-z*][\w!#$%&'*+.^`|~:/-]*|:[A-Za-z\d+/=]*:|\?[01])/.source
const key = /[a-z*][a-z\d_.*-]*/.source
const parameters = `(?:; *${key}(?:=${item})?)*`
const member = new RegExp(`(${key})(?:=(${item}|\\( *(?:${item}${parameters}(?: +${item}${parameters})*)? *\\)))?${parameters}[ \\t]*(?:,[ \\t]*(?!$)|$)`, 'y')

/** The members of a structured dictionary, later ones of a name in place of earlier ones; `undefined` where it is none and must be left out (RFC 9213 §2.1). */
export function dictionary(text: string): readonly (readonly [string, Argument])[] | undefined {
  const found = new Map<string, Argument>()
  const trimmed = text.trim()
  member.lastIndex = 0
  while (member.lastIndex < trimmed.length) {
    const match = member.exec(trimmed)
    if (!match) return undefined
    const [, name, value] = match
    if (value === '?0') found.delete(name!)
    else found.set(name!, value === undefined || value === '?1' ? true : value)
  }
  return [...found]
}
