import { BanyanError } from '../../kernel/errors.ts'
import { inputJsonSchema } from '../../kernel/schema.ts'
import { coercions } from './coercion.ts'
import type { Route } from './routes.ts'

/** An input as a request says it. */
export interface WrittenInput {
  /** Path and query. */
  readonly target: string
  readonly body: string | undefined
}

/** The other side of `Route.input`: what it writes, that reads. Throws `invalid_input` for values that a path or query cannot say. */
export function requestWriter(route: Route): (input: unknown) => WrittenInput {
  const name = `${route.operation.service}.${route.operation.name}`
  const { input: schema } = route.operation.facts
  const coercion = coercions(schema ? inputJsonSchema(schema) : {})

  function inPath(field: string, value: unknown): string {
    const text = value === undefined || value === null ? '' : String(value as number)
    if (text === '') throw new BanyanError('invalid_input', `${name}: '${field}' stands in the path and is ${JSON.stringify(value)}; give it a value`)
    return encodeURIComponent(text).replace(/^\.{1,2}$/, (dots) => dots.replaceAll('.', '%2E'))
  }

  function inQuery(field: string, value: unknown): string {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value as number)
    if (value === null && coercion(field).one(text) !== null)
      throw new BanyanError('invalid_input', `${name}: '${field}' stands in the query, which cannot tell null from a text; leave it out`)
    return `${encodeURIComponent(field)}=${encodeURIComponent(text)}`
  }

  return (input) => {
    const rest: Record<string, unknown> = { ...(input as object | undefined) }
    const path = route.path.replaceAll(/:(\w+)/g, (_match, field: string) => {
      const value = rest[field]
      delete rest[field]
      return inPath(field, value)
    })
    if (route.body) return { target: path, body: input === undefined ? undefined : JSON.stringify(rest) }
    const fields = Object.entries(rest).flatMap(([field, value]) => [value].flat().map((one) => [field, one] as const))
    const query = fields.filter(([, value]) => value !== undefined).map(([field, value]) => inQuery(field, value))
    return { target: query.length === 0 ? path : `${path}?${query.join('&')}`, body: undefined }
  }
}
