/** What a field is to this client, besides something to pass on. */
export type FieldUse = 'none' | 'content-length' | 'transfer-encoding' | 'connection' | 'keep-alive' | 'host' | 'upgrade' | 'expect'

export interface FieldName {
  /** In lower case. */
  readonly name: string
  readonly use: FieldUse
}

/** RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const uses: ReadonlySet<string> = new Set<FieldUse>(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'host', 'upgrade', 'expect'])

const known = new Map<string, FieldName>()
const MOST_KNOWN = 10_000
const LONGEST_KNOWN = 64

/** The name of a field as it was written; `undefined`: it is no token, as where a blank stands before the colon. */
export function fieldName(written: string): FieldName | undefined {
  const before = known.get(written)
  if (before !== undefined) return before
  if (!token.test(written)) return undefined
  // a part of a text keeps all of it in memory
  const own = Buffer.from(written, 'latin1').toString('latin1')
  const name = own.toLowerCase()
  const field: FieldName = { name, use: uses.has(name) ? (name as FieldUse) : 'none' }
  if (known.size < MOST_KNOWN && own.length <= LONGEST_KNOWN) known.set(own, field) // bounded: names come from outside
  return field
}
