import { BanyanError } from '../../kernel/errors.ts'
import { inputJsonSchema } from '../../kernel/schema.ts'
import type { AnyOperation, Method } from '../../model/operation.ts'
import { coercions, requiredLists, type Coercion } from './coercion.ts'
import { checkText } from './json-body.ts'
import { parseQuery } from './query-string.ts'

export type PathParameters = Readonly<Record<string, string | undefined>>

/** An operation as it stands over HTTP. */
export interface Route {
  readonly operation: AnyOperation
  readonly method: Method
  /** `/orders/:orderId` */
  readonly path: string
  /** Names of the path's parameters, in order. */
  readonly parameters: readonly string[]
  /** Whether the input comes in a body; otherwise what the path does not say comes from the query. */
  readonly body: boolean
  /** The operation's input, still to be checked against its schema. */
  input(parameters: PathParameters, query: string, body: unknown): unknown
}

/** The routes of those operations that have one. */
export function routesOf(operations: readonly AnyOperation[]): readonly Route[] {
  return operations.flatMap((operation) => (operation.facts.http === undefined ? [] : [routeOf(operation, operation.facts.http)]))
}

/** Whether those who ask may stay and be told when the answer changes. */
export function isWatchable({ kind, facts }: AnyOperation): boolean {
  return kind === 'query' && facts.output !== undefined && facts.http?.startsWith('GET ') === true
}

function routeOf(operation: AnyOperation, http: string): Route {
  const [method, path] = http.split(' ') as [Method, string]
  const parameters = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!)
  const body = method === 'POST' || method === 'PUT' || method === 'PATCH'
  return { operation, method, path, parameters, body, input: body ? bodyReader(operation) : queryReader(operation) }
}

type Fields = Record<string, unknown>

function pathReader(coercion: (field: string) => Coercion): (parameters: PathParameters) => Fields {
  return (parameters) => {
    const fields: Fields = {}
    for (const name in parameters) {
      const text = parameters[name]!
      checkText(text, `the path parameter '${name}'`)
      fields[name] = coercion(name).one(text)
    }
    return fields
  }
}

function queryReader({ facts: { input } }: AnyOperation): Route['input'] {
  if (!input) return () => undefined
  const schema = inputJsonSchema(input)
  const coercion = coercions(schema)
  const lists = requiredLists(schema)
  const path = pathReader(coercion)
  return (parameters, query) => {
    const fields: Fields = {}
    for (const name of lists) fields[name] = []
    for (const [name, text] of query === '' ? [] : parseQuery(query)) {
      if (name !== '__proto__') fields[name] = typeof text === 'string' ? coercion(name).one(text) : coercion(name).many(text)
    }
    return Object.assign(fields, path(parameters))
  }
}

function bodyReader(operation: AnyOperation): Route['input'] {
  const { input } = operation.facts
  if (!input) return (_parameters, _query, body) => body
  const path = pathReader(coercions(inputJsonSchema(input)))
  return (parameters, _query, body) => {
    const given = body === undefined ? {} : body
    const fields = path(parameters)
    const names = Object.keys(fields)
    if (names.length === 0) return given
    const name = `${operation.service}.${operation.name}`
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw mismatch(`${name} takes a JSON object`, '', 'expected an object')
    for (const field of names) {
      const said = (given as Fields)[field]
      if (said !== undefined && said !== fields[field])
        throw mismatch(`the path says '${field}' is ${JSON.stringify(fields[field])}, the body ${JSON.stringify(said)}`, `/${field}`, 'differs from the path')
    }
    return Object.assign(given, fields)
  }
}

function mismatch(message: string, path: string, issue: string): BanyanError {
  return new BanyanError('invalid_input', message, { details: { issues: [{ path, message: issue }] } })
}
