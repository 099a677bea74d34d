import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { PolicyKind } from '../policy-kind.ts'
import type { GatewayDocument } from './document.ts'
import { pathKey, pointerPath, type Path } from './pointer.ts'
import { noteSchemaErrors } from './schema-mistakes.ts'
import { gatewaySchema } from './schema.ts'
import { replaceAt } from './written.ts'

/** Made once for each list of kinds: compiling takes some milliseconds. */
const compiled = new WeakMap<readonly PolicyKind[], ValidateFunction>()

/** Holds a file against its schema, notes all that does not fit, and answers for each path whether everything at and below it does. */
export function checkSchema(value: unknown, document: GatewayDocument, kinds: readonly PolicyKind[]): (path: Path) => boolean {
  const errors = errorsOf(value, document, compiled.get(kinds) ?? compile(kinds))
  noteSchemaErrors(document, errors)
  const broken = errors.map(({ instancePath }) => instancePath)
  return (path) => {
    const key = pathKey(path)
    return !broken.some((pointer) => pointer === key || pointer.startsWith(`${key}/`))
  }
}

/** What came from variables is text: it becomes a number or a truth value where the schema wants one, and then fits or not. */
function errorsOf(value: unknown, document: GatewayDocument, validate: ValidateFunction): readonly ErrorObject[] {
  if (validate(value)) return []
  const errors = validate.errors ?? []
  const filled = errors.filter(({ keyword, instancePath }) => keyword === 'type' && document.isFilled(pointerPath(instancePath)))
  for (const { instancePath, data } of filled) replaceAt(value, pointerPath(instancePath), plainValue(String(data)))
  if (filled.length === 0 || validate(value)) return filled.length === 0 ? errors : []
  return validate.errors ?? []
}

function plainValue(text: string): unknown {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  return text === 'true' ? true : text === 'false' ? false : text
}

function compile(kinds: readonly PolicyKind[]): ValidateFunction {
  // verbose: messages quote the value and what the schema says of it
  const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true, strictTypes: false, strictRequired: false })
  ajv.addVocabulary(['patternErrorMessage'])
  const validate = ajv.compile(gatewaySchema(kinds))
  compiled.set(kinds, validate)
  return validate
}
