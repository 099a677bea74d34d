import fc from 'fast-check'

/** A JSON Schema as OpenAPI has it, as far as contracts use it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

export type Definitions = Readonly<Record<string, Schema>>

const MOST_ITEMS = 5
const MOST_CHARACTERS = 40

/** Values that a schema allows, nearly always: what it says in words only, they do not know. */
export function valuesOf(schema: Schema, definitions: Definitions): fc.Arbitrary<unknown> {
  const { $ref, anyOf, oneOf, allOf } = schema
  const inner = (next: Schema) => valuesOf(next, definitions)
  if ($ref !== undefined) return inner(definitions[$ref.split('/').at(-1)!]!)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (anyOf ?? oneOf) return fc.oneof(...(anyOf ?? oneOf)!.map(inner))
  if (allOf) return fc.tuple(...allOf.map(inner)).map((parts) => Object.assign({}, ...parts) as unknown)
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type
  return types ? fc.oneof(...types.map((type) => ofType(type, schema, inner))) : fc.jsonValue()
}

function ofType(type: string, schema: Schema, inner: (schema: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (type === 'object') return objects(schema, inner)
  if (type === 'array') {
    const minLength = schema.minItems ?? 0
    return fc.array(schema.items ? inner(schema.items) : fc.jsonValue(), {
      minLength,
      maxLength: Math.min(schema.maxItems ?? MOST_ITEMS, minLength + MOST_ITEMS),
    })
  }
  if (type === 'string') return texts(schema)
  if (type === 'integer') return fc.integer({ min: Math.ceil(least(schema)), max: Math.floor(most(schema)) })
  if (type === 'number') return fc.double({ min: least(schema), max: most(schema), noNaN: true })
  return type === 'boolean' ? fc.boolean() : fc.constant(null)
}

function objects({ properties = {}, required = [], additionalProperties }: Schema, inner: (schema: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, inner(schema)])), {
    requiredKeys: required.filter((name) => name in properties),
  })
  if (typeof additionalProperties !== 'object') return known
  const others = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), inner(additionalProperties), { maxKeys: 3 })
  return fc.tuple(others, known).map(([some, all]) => ({ ...some, ...all }))
}

function texts({ format, pattern, minLength = 0, maxLength = Math.max(minLength, MOST_CHARACTERS) }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString())
  if (format === 'email') return fc.emailAddress()
  if (format === 'uuid') return fc.uuid()
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength
  if (pattern !== undefined) {
    const whole = new RegExp(pattern, 'u')
    // fast-check makes no texts for what looks ahead or behind
    const plain = new RegExp(pattern.replaceAll(/\(\?<?[!=][^()]*\)/g, ''), 'u')
    return fc.stringMatching(plain).filter((text) => fits(text) && whole.test(text))
  }
  return fc.string({ minLength, maxLength, unit: 'grapheme' }).filter(fits)
}

function least({ minimum, exclusiveMinimum }: Schema): number {
  return minimum ?? (exclusiveMinimum === undefined ? -1_000_000 : exclusiveMinimum + 1)
}

function most({ maximum, exclusiveMaximum }: Schema): number {
  return Math.min(maximum ?? (exclusiveMaximum === undefined ? 1_000_000 : exclusiveMaximum - 1), Number.MAX_SAFE_INTEGER)
}
