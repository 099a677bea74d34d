import { element } from './element.js'
import { sampleOf } from './sample.js'

/** How deep examples and lists of fields follow a schema that refers to itself. */
const DEEPEST = 6

/** The schema that a reference stands for. */
export function resolved(schema, document) {
  let found = schema ?? {}
  for (let turns = 0; found.$ref && turns < DEEPEST; turns++) found = document.components.schemas[found.$ref.split('/').at(-1)] ?? {}
  return found
}

/** A schema in words: `list of text`. */
export function typeOf(given, document) {
  const schema = resolved(given, document)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map((choice) => typeOf(choice, document)).join(' or ')
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ')
  const types = [schema.type ?? 'anything'].flat()
  return types.map((type) => (type === 'array' ? `list of ${typeOf(schema.items, document)}` : (words[type] ?? type))).join(' or ')
}

const words = { string: 'text', integer: 'whole number', boolean: 'true or false', object: 'object' }

/** What a value must keep to besides its type. */
export function limitsOf(given, document) {
  const schema = resolved(given, document)
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems, pattern, format } = schema
  return [
    range(minimum ?? (exclusiveMinimum === undefined ? undefined : `more than ${exclusiveMinimum}`), maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' items'),
    format,
    pattern && !format ? `like ${pattern}` : undefined,
    schema.default === undefined ? undefined : `${JSON.stringify(schema.default)} unless said`,
  ].filter(Boolean)
}

function range(least, most, unit) {
  // the bounds of what a number can be exactly are no news
  const [from, to] = [least === -Number.MAX_SAFE_INTEGER ? undefined : least, most === Number.MAX_SAFE_INTEGER ? undefined : most]
  if (from === undefined && to === undefined) return undefined
  if (to === undefined) return `${written(from)}${unit} or more`
  return from === undefined ? `at most ${written(to)}${unit}` : `${written(from)} to ${written(to)}${unit}`
}

function written(bound) {
  return typeof bound === 'number' ? bound.toLocaleString('en') : bound
}

/** The fields of an object, or of the objects in a list, with those inside. */
export function fieldList(given, document, depth = 0) {
  const schema = insideOf(given, document)
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0 || depth > DEEPEST) return undefined
  const required = new Set(schema.required)
  return element(
    'ul',
    { class: 'fields' },
    fields.map(([name, field]) => fieldItem({ name, schema: field, required: required.has(name) }, document, depth)),
  )
}

export function fieldItem({ name, schema, required, place }, document, depth = 0) {
  const notes = [place, required ? undefined : 'optional', ...limitsOf(schema, document)].filter(Boolean)
  return element(
    'li',
    {},
    element('code', {}, name),
    element('span', { class: 'type' }, typeOf(schema, document)),
    notes.length > 0 && element('span', { class: 'notes' }, notes.join(' · ')),
    schema.description && element('p', {}, schema.description),
    fieldList(schema, document, depth + 1),
  )
}

/** The object that a schema is about: itself, what a list has, or what is there when it is not null. */
function insideOf(given, document) {
  const schema = resolved(given, document)
  if (schema.items) return insideOf(schema.items, document)
  const choices = schema.anyOf ?? schema.oneOf
  const choice = choices?.find((one) => resolved(one, document).type !== 'null')
  return choice ? insideOf(choice, document) : schema
}

/** A value that the schema allows, as far as that can be guessed. */
export function exampleOf(given, document, depth = 0) {
  const schema = resolved(given, document)
  if (schema.default !== undefined) return schema.default
  if ('const' in schema) return schema.const
  if (schema.enum) return schema.enum[0]
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return exampleOf(choices[0], document, depth)
  const type = [schema.type].flat()[0]
  if (type === 'object') return objectExample(schema, document, depth)
  if (type === 'array') return depth > DEEPEST ? [] : [exampleOf(schema.items, document, depth + 1)]
  if (type === 'string') return schema.pattern ? sampleOf(schema.pattern) : 'text'.padEnd(schema.minLength ?? 0, ' text').slice(0, schema.maxLength)
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1)
  return type === 'boolean' ? false : null
}

function objectExample({ properties = {}, required = [] }, document, depth) {
  if (depth > DEEPEST) return {}
  const names = required.length > 0 ? required : Object.keys(properties)
  return Object.fromEntries(names.map((name) => [name, exampleOf(properties[name], document, depth + 1)]))
}
