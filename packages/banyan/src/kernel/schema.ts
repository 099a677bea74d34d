import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import { BanyanError, type Issue } from './errors.ts'

/** The part of a Standard Schema that checks values. */
export interface Checks<Read = unknown> {
  readonly '~standard': StandardSchemaV1.Props<unknown, Read>
}
/** The part of a Standard Schema that says itself as JSON Schema. */
export interface Describes {
  readonly '~standard': StandardJSONSchemaV1.Props
}
export type JsonSchema = Readonly<Record<string, unknown>>

/** What came of checking a value against a schema. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] }

/** Checks a value and reads it as the schema says. Throws `invalid_configuration` when the schema is asynchronous: contract schemas must answer at once. */
export function parseWith<T>(schema: Checks<T>, value: unknown): Parsed<T> {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    result.catch(() => undefined) // its failure is of no interest beside the one below
    throw new BanyanError(
      'invalid_configuration',
      `a ${schema['~standard'].vendor} schema checks asynchronously; contract schemas must be synchronous, so move the check into the handler`,
    )
  }
  if (result.issues === undefined) return { ok: true, value: result.value }
  return { ok: false, issues: result.issues.map(({ message, path }) => ({ path: pointer(path), message })) }
}

function pointer(path: StandardSchemaV1.Issue['path']): string {
  return (path ?? [])
    .map(
      (part) =>
        `/${String(typeof part === 'object' ? part.key : part)
          .replaceAll('~', '~0')
          .replaceAll('/', '~1')}`,
    )
    .join('')
}

const inputs = new WeakMap<object, JsonSchema>()
const outputs = new WeakMap<object, JsonSchema>()

/** The JSON Schema (draft 2020-12) of what a sender writes. Throws what the schema library throws where JSON cannot say it. */
export function inputJsonSchema(schema: Describes): JsonSchema {
  return cached(inputs, schema, () => schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' }))
}

/** The JSON Schema (draft 2020-12) of what a receiver reads. Throws what the schema library throws where JSON cannot say it. */
export function outputJsonSchema(schema: Describes): JsonSchema {
  return cached(outputs, schema, () => schema['~standard'].jsonSchema.output({ target: 'draft-2020-12' }))
}

function cached(cache: WeakMap<object, JsonSchema>, schema: object, make: () => JsonSchema): JsonSchema {
  const known = cache.get(schema)
  if (known) return known
  const made = make()
  cache.set(schema, made)
  return made
}

/**
 * Whether what a successful parse gives shares no object with what was parsed, so that passing it on needs no other copy. Known of zod,
 * whose parsers build new objects and arrays; its `unknown` and `any` hand on what they were given.
 */
export function copies(schema: Describes): boolean {
  if (schema['~standard'].vendor !== 'zod') return false
  try {
    return builds(outputJsonSchema(schema))
  } catch {
    return false // something that JSON cannot say, such as a custom type
  }
}

const listed = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const
const named = ['properties', '$defs'] as const
const single = ['items', 'additionalProperties'] as const

function builds(schema: unknown): boolean {
  if (schema === false) return true
  if (typeof schema !== 'object' || schema === null) return false
  const node = schema as JsonSchema
  const typed = ['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const', 'not'].some((key) => key in node)
  // a default is handed out as it stands: its inner objects are the same ones every time
  if (!typed || (typeof node['default'] === 'object' && node['default'] !== null)) return false
  const inner = [
    ...listed.flatMap((key) => (node[key] ?? []) as unknown[]),
    ...named.flatMap((key) => Object.values(node[key] ?? {})),
    ...single.flatMap((key) => (key in node ? [node[key]] : [])),
  ]
  return inner.every(builds)
}
