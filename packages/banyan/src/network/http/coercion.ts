import type { JsonSchema } from '../../kernel/schema.ts'

/** How the texts of one query or path parameter become the value that the input's schema expects. */
export interface Coercion {
  /** What a single text stands for. A text that stands for nothing of the kind stays as it is, so that the schema says what it expected. */
  one(text: string): unknown
  /** What a repeated parameter stands for. */
  many(texts: readonly string[]): unknown
  /** Whether only a list fits: then one text is a list of one. */
  readonly list: boolean
}

/** The coercion of every field of an object schema. */
export function coercions(schema: JsonSchema): (field: string) => Coercion {
  const fields = new Map(Object.entries((schema['properties'] ?? {}) as Record<string, unknown>).map(([name, node]) => [name, coercionOf(node, schema)]))
  const others = coercionOf(schema['additionalProperties'], schema)
  return (field) => fields.get(field) ?? others
}

/** Names of the fields that must be there and can only be lists: absent from a query they are empty. */
export function requiredLists(schema: JsonSchema): readonly string[] {
  const coercion = coercions(schema)
  return ((schema['required'] ?? []) as string[]).filter((name) => coercion(name).list)
}

function coercionOf(node: unknown, root: JsonSchema): Coercion {
  const shape: Shape = { types: new Set(), items: [] }
  collect(node, root, shape, new Set())
  const one = reader(shape.types)
  const items: Shape = { types: new Set(), items: [] }
  for (const item of shape.items) collect(item, root, items, new Set())
  const item = reader(items.types)
  const list = shape.types.has('array') && shape.types.size === 1
  const many = (texts: readonly string[]) => texts.map(shape.types.has('array') ? item : one)
  return { one: list ? (text) => [item(text)] : one, many, list }
}

interface Shape {
  readonly types: Set<string>
  readonly items: unknown[]
}

function collect(node: unknown, root: JsonSchema, into: Shape, seen: Set<unknown>): void {
  if (typeof node !== 'object' || node === null || seen.has(node)) return
  seen.add(node)
  const { $ref, type, enum: values, const: only, items } = node as Record<string, unknown>
  if (typeof $ref === 'string') collect(resolve($ref, root), root, into, seen)
  for (const name of [type].flat()) if (typeof name === 'string') into.types.add(name)
  if (type === undefined)
    for (const value of [...((values ?? []) as unknown[]), ...(only === undefined ? [] : [only])]) into.types.add(value === null ? 'null' : typeof value)
  if (items !== undefined) into.items.push(items)
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) for (const inner of (node as Record<string, unknown[]>)[key] ?? []) collect(inner, root, into, seen)
}

function resolve(reference: string, root: JsonSchema): unknown {
  let node: unknown = root
  for (const part of reference.split('/').slice(1)) node = (node as JsonSchema | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  return node
}

const numeric = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function reader(types: ReadonlySet<string>): (text: string) => unknown {
  if (types.size === 0 || types.has('string')) return (text) => text
  return (text) => {
    if ((types.has('integer') || types.has('number')) && numeric.test(text)) return exactNumber(text)
    if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
    if (types.has('null') && text === 'null') return null
    if (types.has('object') && text.startsWith('{')) return object(text)
    return text
  }
}

/** A number, but not one that silently differs from what was written. */
function exactNumber(text: string): number | string {
  const value = Number(text)
  return Number.isFinite(value) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(value)) ? value : text
}

function object(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch {
    return text // the schema says what it expected instead
  }
}
