import type { JsonSchema } from '../../kernel/schema.ts'

/**
 * Collects the parts that JSON Schemas name (`$defs`, or themselves where they recur), so that many schemas can stand in one document.
 * A name stays as it is unless two schemas mean different things by it.
 */
export class SchemaComponents {
  readonly #schemas = new Map<string, unknown>()

  /** Every part collected, by name. */
  all(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#schemas)
  }

  /** The schema with its references turned to `#/components/schemas/…`; `scope` names it among the others. */
  place(schema: JsonSchema, scope: string): JsonSchema {
    const { $schema: _draft, $defs = {}, ...root } = schema
    const names = new Map<string, string>()
    for (const [name, definition] of Object.entries($defs as object)) names.set(`#/$defs/${name}`, this.#nameFor(name, definition, scope))
    const recurs = JSON.stringify(schema).includes('"$ref":"#"')
    if (recurs) names.set('#', scope)
    for (const [name, definition] of Object.entries($defs as object)) this.#schemas.set(names.get(`#/$defs/${name}`)!, pointed(definition, names))
    if (!recurs) return pointed(root, names) as JsonSchema
    this.#schemas.set(scope, pointed(root, names))
    return { $ref: `#/components/schemas/${scope}` }
  }

  #nameFor(name: string, definition: unknown, scope: string): string {
    const said = name.replaceAll(/[^\w.-]/g, '_')
    // `__schema0` is what a library calls a part that its author gave no name
    if (said.startsWith('__')) return `${scope}.${said.slice(2)}`
    const taken = this.#originals.get(said)
    const text = JSON.stringify(definition)
    if (taken !== undefined && taken !== text) return `${scope}.${said}`
    this.#originals.set(said, text)
    return said
  }

  readonly #originals = new Map<string, string>()
}

function pointed(node: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) return node.map((inner) => pointed(inner, names))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, inner]) => [
      key,
      key === '$ref' && names.has(inner as string) ? `#/components/schemas/${names.get(inner as string)}` : pointed(inner, names),
    ]),
  )
}
