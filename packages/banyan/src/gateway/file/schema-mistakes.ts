import type { ErrorObject } from 'ajv'
import { choice } from './choice.ts'
import type { GatewayDocument } from './document.ts'
import { pointerPath, type Path } from './pointer.ts'

/** Notes what a JSON Schema has found in a document, each in a sentence, where it stands. */
export function noteSchemaErrors(document: GatewayDocument, errors: readonly ErrorObject[]): void {
  for (const error of errors) {
    // these only repeat that something below them is wrong
    if (error.keyword === 'if' || error.keyword === 'propertyNames') continue
    const path = pointerPath(error.instancePath)
    if (error.propertyName !== undefined) {
      document.rejectKey([...path, error.propertyName], `is no name that can be used here; expected is ${expected(error)}`)
    } else if (error.keyword === 'additionalProperties') {
      const given = String(error.params['additionalProperty'])
      document.rejectKey([...path, given], `is not known; ${choice(given, propertiesOf(error))}`)
    } else document.reject(path, sentence(error, path, document))
  }
}

function sentence(error: ErrorObject, path: Path, document: GatewayDocument): string {
  const { keyword, params } = error
  const given = secret(error) ? 'something else' : document.quote(path, error.data)
  switch (keyword) {
    case 'required':
      return `lacks ${String(params['missingProperty'])}`
    case 'dependentRequired':
      return `lacks ${String(params['missingProperty'])}, which ${String(params['property'])} is of no use without`
    case 'type':
      return `is ${kindOf(error.data, given)}; expected is ${kinds(params['type'] as string | readonly string[])}`
    case 'enum':
      return `is ${given}; ${choice(String(error.data), (params['allowedValues'] as readonly unknown[]).map(String))}`
    case 'minItems':
    case 'minProperties':
      return `is empty; expected is at least ${params['limit']}`
    case 'maxItems':
    case 'maxProperties':
      return `has too many entries; expected is at most ${params['limit']}`
    case 'uniqueItems':
      return `names something twice, at [${params['j']}] and [${params['i']}]; keep one`
    default:
      return `is ${given}; expected is ${expected(error)}`
  }
}

/** What JSON Schema calls `writeOnly` is nobody's to read, in messages neither. */
function secret({ parentSchema }: ErrorObject): boolean {
  return parentSchema?.['writeOnly'] === true
}

function expected({ keyword, params, parentSchema, message }: ErrorObject): string {
  const said: unknown = parentSchema?.['patternErrorMessage']
  if (keyword === 'pattern' && typeof said === 'string') return said
  if ('comparison' in params) return `a number ${params['comparison']} ${params['limit']}`
  if (keyword === 'minLength' || keyword === 'maxLength') return `a text of at ${keyword === 'minLength' ? 'least' : 'most'} ${params['limit']} characters`
  return `what ${message ?? keyword} says`.replace(/^what must/, 'something that must').replace(/ says$/, '')
}

function propertiesOf({ parentSchema }: ErrorObject): readonly string[] {
  return Object.keys((parentSchema?.['properties'] as object | undefined) ?? {})
}

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list',
  object: 'a map of keys and values',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
}

function kinds(types: string | readonly string[]): string {
  return (typeof types === 'string' ? types.split(',') : types).map((type) => words[type] ?? type).join(' or ')
}

function kindOf(data: unknown, given: string): string {
  if (data === null || data === undefined) return 'empty'
  return Array.isArray(data) ? 'a list' : typeof data === 'object' ? 'a map' : given
}
