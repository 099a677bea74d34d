import { isHopByHop, namedByConnection } from './header-fates.ts'

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** The header fields of an upstream's answer as they go on, names and values in turn: without those for the hop that it came over. */
export function answerHeaders(headers: Headers): (string | string[])[] {
  const fields: (string | string[])[] = []
  const dropped = namedByConnection(headers['connection'])
  for (const name in headers) {
    const value = headers[name]
    const lower = name.toLowerCase() // policies write names as they like
    if (value !== undefined && !isHopByHop(lower) && !dropped?.has(lower)) fields.push(lower, value as string | string[])
  }
  return fields
}

/** The same as policies see it. */
export function visibleAnswerHeaders(headers: Headers): Record<string, string | readonly string[] | undefined> {
  const fields = answerHeaders(headers)
  const visible: Record<string, string | readonly string[] | undefined> = {}
  for (let i = 0; i < fields.length; i += 2) visible[fields[i] as string] = fields[i + 1]
  return visible
}

/** The fields of an upstream's answer as they go on, names in lower case and values in turn: without those for the hop that they came over. */
export function passedFields(fields: readonly string[]): string[] {
  const passed: string[] = []
  let dropped: ReadonlySet<string> | undefined
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!
    if (name === 'connection') dropped = union(dropped, namedByConnection(fields[i + 1]))
    if (!isHopByHop(name)) passed.push(name, fields[i + 1]!)
  }
  return dropped === undefined ? passed : passed.filter((_, i) => !dropped.has(passed[i & ~1]!))
}

/** Fields as policies see them: a name that stands more than once has all its values. */
export function fieldRecord(fields: readonly string[]): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {}
  for (let i = 0; i < fields.length; i += 2) {
    const [name, value] = [fields[i]!, fields[i + 1]!]
    const before = record[name]
    if (before === undefined) record[name] = value
    else if (!Object.hasOwn(record, name)) Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true })
    else if (typeof before === 'string') record[name] = [before, value]
    else before.push(value)
  }
  return record
}

function union(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): ReadonlySet<string> | undefined {
  return one && other ? new Set([...one, ...other]) : (one ?? other)
}
