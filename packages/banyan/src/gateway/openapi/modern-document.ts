export type Node = Readonly<Record<string, unknown>>

/** A document of OpenAPI 3.0 as 3.1 says the same: what may be null, and bounds that are not included. One of 3.1 stays as it is. */
export function modernDocument(document: Node): Node {
  return typeof document['openapi'] === 'string' && document['openapi'].startsWith('3.0.') ? (modern(document) as Node) : document
}

function modern(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(modern)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([key, value]) => [key, modern(value)] as const)
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...rest } = Object.fromEntries(entries)
  // a field may have one of these names, and then it is a schema
  const put = (key: string, value: unknown): object => (typeof value === 'boolean' || value === undefined ? {} : { [key]: value })
  const fields: Record<string, unknown> = {
    ...rest,
    ...put('nullable', nullable),
    ...put('exclusiveMinimum', exclusiveMinimum),
    ...put('exclusiveMaximum', exclusiveMaximum),
  }
  if (nullable === true && typeof fields['type'] === 'string') {
    fields['type'] = [fields['type'], 'null']
    if (Array.isArray(fields['enum']) && !fields['enum'].includes(null)) fields['enum'] = [...(fields['enum'] as unknown[]), null]
  }
  for (const [bound, other, isOpen] of [
    ['minimum', 'exclusiveMinimum', exclusiveMinimum],
    ['maximum', 'exclusiveMaximum', exclusiveMaximum],
  ] as const) {
    if (isOpen !== true || typeof fields[bound] !== 'number') continue
    fields[other] = fields[bound]
    delete fields[bound]
  }
  return fields
}
