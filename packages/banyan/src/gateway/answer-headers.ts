import { isHopByHop, namedByConnection } from './header-fates.ts'

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** The header fields of an upstream's answer as they go on, names and values in turn: without those for the hop that it came over. */
export function answerHeaders(headers: Headers): (string | string[])[] {
  const fields: (string | string[])[] = []
  const dropped = namedByConnection(headers['connection'])
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && !isHopByHop(name) && !dropped?.has(name)) fields.push(name, value as string | string[])
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
