import { messageOf } from '../kernel/errors.ts'
import { inputJsonSchema, outputJsonSchema } from '../kernel/schema.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { Schema } from '../model/schema.ts'
import { deprecationHeaders } from '../network/http/deprecation-headers.ts'

/** What is wrong with one operation's schemas and route. */
export function operationMistakes(operation: AnyOperation): string[] {
  const name = `operation '${operation.service}.${operation.name}'`
  const { input, output, errors } = operation.facts
  return [
    ...wireMistakes(`the input of ${name}`, input),
    ...wireMistakes(`the output of ${name}`, output),
    ...Object.entries(errors).flatMap(([code, schema]) => wireMistakes(`the error '${code}' of ${name}`, schema)),
    ...inputMistakes(name, operation),
    ...deprecationMistakes(name, operation),
  ]
}

function deprecationMistakes(name: string, { facts: { deprecated } }: AnyOperation): string[] {
  if (!deprecated) return []
  const { since, sunset, link } = deprecated
  try {
    deprecationHeaders({ deprecated: since, ...(sunset !== undefined && { sunset }) })
  } catch (error) {
    return [`${name} is deprecated, and ${messageOf(error).replace('before deprecated', 'before since')}`]
  }
  // it stands in a header field
  return link === undefined || /^https?:\/\/[^\s<>"]+$/.test(link) ? [] : [`${name} is deprecated with the link '${link}', which is no address of a page`]
}

/** Contract schemas are wire types: what JSON says is what is read, but for defaults. */
function wireMistakes(what: string, schema: Schema | undefined): string[] {
  if (!schema) return []
  try {
    const sent = withoutDefaults(inputJsonSchema(schema))
    const read = withoutDefaults(outputJsonSchema(schema))
    return sent === read
      ? []
      : [`${what} is read in another form than it is sent (a transform or coercion); contracts are wire types, so convert inside the handler`]
  } catch (error) {
    return [`${what} cannot be said as JSON Schema (${messageOf(error)}); use types that JSON has: no Date, bigint, Map, Set, undefined or transform`]
  }
}

function withoutDefaults(schema: unknown): string {
  // a default makes a field optional when sent and required when read; JSON Schema output also closes objects
  return JSON.stringify(schema, (key, value: unknown) => (key === 'required' || key === 'default' || key === 'additionalProperties' ? undefined : value))
}

function inputMistakes(name: string, { facts }: AnyOperation): string[] {
  const parameters = pathParameters(facts.http)
  if (!facts.input) return parameters.map((parameter) => `${name} has the path parameter ':${parameter}' in '${facts.http}', but no input`)
  let schema: { type?: string; properties?: Record<string, unknown>; required?: readonly string[] }
  try {
    schema = inputJsonSchema(facts.input) as typeof schema
  } catch {
    return [] // said already, as a wire mistake
  }
  if (schema.type !== 'object') return [`the input of ${name} is ${schema.type ?? 'no object'}; an input is an object, so that fields can be added later`]
  return parameters.flatMap((parameter) => {
    if (!(parameter in (schema.properties ?? {})))
      return [`${name} has the path parameter ':${parameter}' in '${facts.http}', but its input has no field '${parameter}'`]
    return schema.required?.includes(parameter)
      ? []
      : [`${name} has the path parameter ':${parameter}' in '${facts.http}', but the input's field '${parameter}' is optional; a path always has it`]
  })
}

function pathParameters(route: string | undefined): string[] {
  return [...(route ?? '').matchAll(/:([A-Za-z0-9_]+)/g)].map((match) => match[1]!)
}

/** Routes that two operations claim, or that are not a service's to claim. */
export function routeMistakes(operations: readonly AnyOperation[]): string[] {
  const claimed = new Map<string, AnyOperation>()
  return operations.flatMap((operation) => {
    const { http } = operation.facts
    if (!http) return []
    const own = `${operation.service}.${operation.name}`
    if (!/^(GET|POST|PUT|PATCH|DELETE) \/[^\s?#]*$/.test(http))
      return [`operation '${own}' has the route '${http}', which is not a method and a path such as 'GET /orders/:orderId'`]
    if (/ \/(livez|readyz|openapi\.json|reference|~|_)(\/|$)/.test(http))
      return [`operation '${own}' has the route '${http}', which the framework answers itself`]
    const shape = http.replace(/:[A-Za-z0-9_]+/g, ':')
    const other = claimed.get(shape)
    claimed.set(shape, operation)
    return other ? [`operations '${other.service}.${other.name}' and '${own}' both claim the route '${http}'`] : []
  })
}
