/** What a JSON Schema says, in words for a reference page. It knows the keywords that the schema of gateway files has, and throws for others. */

/** The part of JSON Schema (2020-12) that is read here. */
export interface Schema {
  readonly description?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly type?: string | readonly string[]
  readonly enum?: readonly (string | number)[]
  readonly const?: string | number
  readonly anyOf?: readonly Schema[]
  readonly if?: Schema
  readonly then?: Schema
  readonly else?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly propertyNames?: Schema
  readonly additionalProperties?: boolean | Schema
  readonly minProperties?: number
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly patternErrorMessage?: string
}

/** One setting. */
export interface Setting {
  /** `keys[].hash`: within each element of a list; `versions.NAME.sunset`: within each entry of a map. */
  readonly name: string
  readonly needed: boolean
  readonly form: string
  readonly says: string
}

/** Reads one schema. `sections`: definitions that the page describes apart, and how it refers to them. */
export class SchemaWords {
  readonly #root: Schema
  readonly #sections: Readonly<Record<string, string>>

  constructor(root: Schema, sections: Readonly<Record<string, string>>) {
    this.#root = root
    this.#sections = sections
  }

  /** Every setting of an object, and those within it. Settings that a section describes are not followed. */
  settings(schema: Schema, prefix = ''): readonly Setting[] {
    return this.#alternatives(schema).flatMap((one) => {
      const own = Object.entries(one.properties ?? {}).flatMap(([name, setting]) => [
        { name: prefix + name, needed: one.required?.includes(name) ?? false, form: this.form(setting), says: this.#says(setting) },
        ...this.settings(setting, `${prefix}${name}.`),
      ])
      const each = one.items ? this.settings(one.items, prefix.replace(/\.$/, '[].')) : []
      const entries = typeof one.additionalProperties === 'object' ? this.settings(one.additionalProperties, `${prefix}NAME.`) : []
      return [...own, ...each, ...entries]
    })
  }

  /** What may stand there. */
  form(schema: Schema): string {
    const section = this.#section(schema)
    if (section !== undefined) return section
    return [...new Set(this.#alternatives(schema).map((one) => this.#plainForm(one)))].join('; or ')
  }

  /** Whether nothing needs to be said of an object. */
  mayBeEmpty(schema: Schema): boolean {
    return this.#alternatives(schema).some((one) => one.properties !== undefined && (one.required ?? []).length === 0 && (one.minProperties ?? 0) === 0)
  }

  #plainForm(schema: Schema): string {
    const section = this.#section(schema)
    if (section !== undefined) return section
    if (schema.const !== undefined) return `\`${schema.const}\``
    if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ')
    if (schema.patternErrorMessage !== undefined) return schema.patternErrorMessage
    if (schema.type === undefined) return 'anything'
    if (typeof schema.type !== 'string') return listed(schema.type.map((type) => this.#plainForm({ ...schema, type })))
    return this.#ofType(schema, schema.type)
  }

  #ofType(schema: Schema, type: string): string {
    switch (type) {
      case 'string':
        return 'text'
      case 'boolean':
        return '`true` or `false`'
      case 'null':
        return 'nothing'
      case 'integer':
      case 'number':
        return `${type === 'integer' ? 'whole number' : 'number'}${range(schema)}`
      case 'array':
        return `list, each: ${this.form(schema.items ?? {})}`
      case 'object':
        if (schema.properties) return 'settings'
        return this.#map(schema)
      default:
        throw new Error(`a schema has the type '${type}', for which there are no words; add them to scripts/schema-words.ts`)
    }
  }

  #map({ propertyNames, additionalProperties }: Schema): string {
    const names = propertyNames?.patternErrorMessage
    const value = this.form(typeof additionalProperties === 'object' ? additionalProperties : {})
    return `map${names === undefined ? '' : ` by ${names}`}, each: ${value}`
  }

  /** The schemas of which one holds: of a choice its branches, of a reference what it refers to. A reference to a section stays. */
  #alternatives(schema: Schema): readonly Schema[] {
    if (this.#section(schema) !== undefined) return [schema]
    if (schema.$ref !== undefined) return this.#alternatives(this.#resolve(schema.$ref))
    if (schema.anyOf) return schema.anyOf.flatMap((one) => this.#alternatives(one))
    if (!schema.if) return [schema]
    const { if: condition, then = {}, else: otherwise = {}, type } = schema
    const rest = [type ?? []].flat().filter((one) => one !== condition.type)
    // a branch leaves out the type, which the choice above it has said
    const typed = (branch: Schema, types: readonly string[]) =>
      branch.type === undefined && branch.$ref === undefined && branch.enum === undefined ? { type: types.length === 1 ? types[0]! : types, ...branch } : branch
    return [...this.#alternatives(typed(then, [condition.type].flat() as string[])), ...this.#alternatives(typed(otherwise, rest))]
  }

  #says(schema: Schema): string {
    return schema.description ?? (schema.$ref === undefined ? '' : this.#says(this.#resolve(schema.$ref)))
  }

  #section({ $ref }: Schema): string | undefined {
    return $ref === undefined ? undefined : this.#sections[$ref]
  }

  #resolve(reference: string): Schema {
    const steps = reference.split('/').slice(1)
    const found = steps.reduce<unknown>((at, step) => (at as Readonly<Record<string, unknown>>)[step], this.#root)
    if (typeof found !== 'object' || found === null) throw new Error(`the schema refers to ${reference}, where nothing is`)
    return found
  }
}

function range({ minimum, maximum, exclusiveMinimum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  const bounds = [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ]
  return bounds.map((bound) => `, ${bound}`).join('')
}

function listed(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(' or ')
}
