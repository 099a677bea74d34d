import { inputJsonSchema, outputJsonSchema, type JsonSchema } from '../../kernel/schema.ts'
import type { Access } from '../../model/access.ts'
import type { AnyOperation } from '../../model/operation.ts'
import type { Schema } from '../../model/schema.ts'
import { EVENT_STREAM_TYPE } from './event-stream.ts'
import type { ForeignDescription } from './foreign.ts'
import { securityOf } from './openapi-security.ts'
import { PathTable } from './path-table.ts'
import { declaredStatus, PROBLEM_TYPE } from './problem.ts'
import { isWatchable, routesOf, type Route } from './routes.ts'
import { SchemaComponents } from './schema-components.ts'

export interface OpenApiOptions {
  readonly title: string
  /** Of the document; `1.0.0` unless said. */
  readonly version?: string
  readonly operations: readonly AnyOperation[]
  /** The rule of an operation. */
  access(operation: AnyOperation): Access<never, never>
  /** What is served beside them. */
  readonly foreign?: ForeignDescription | undefined
}

type Node = Readonly<Record<string, unknown>>

/** The OpenAPI 3.1 document of the operations that have a route, and of what is served behind them. */
export function openApi({ title, version = '1.0.0', operations, access, foreign }: OpenApiOptions): Node {
  const components = new SchemaComponents()
  const routes = routesOf(operations)
  const paths = new PathTable()
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths.add({ path, method: route.method.toLowerCase(), node: operationNode(route, access(route.operation), components) })
  }
  // a foreign route is asked where no operation answers
  for (const one of foreign?.operations ?? []) paths.add(one)
  const { schemas = {}, responses = {}, securitySchemes = {}, ...others } = foreign?.components ?? {}
  const tags = new Set([...routes.map(({ operation }) => operation.service), ...(foreign?.tags ?? [])])
  return {
    openapi: '3.1.0',
    info: { title, version },
    tags: [...tags].map((name) => ({ name })),
    paths: paths.all(),
    components: {
      ...others,
      schemas: { ...schemas, ...components.all(), Problem: problemSchema },
      responses: { ...responses, Problem: { description: 'Refused or failed; `code` says why', content: { [PROBLEM_TYPE]: { schema: problemReference } } } },
      securitySchemes: { ...securitySchemes, ...(routes.length > 0 && { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }) },
    },
  }
}

function operationNode(route: Route, access: Access<never, never>, components: SchemaComponents): Node {
  const { operation } = route
  const id = `${operation.service}.${operation.name}`
  const input = operation.facts.input ? components.place(inputJsonSchema(operation.facts.input), `${id}.Input`) : undefined
  const { security, refusals } = securityOf(access)
  const description = [input?.['description'], deprecationText(operation), `For ${access.text}.`].filter((text) => typeof text === 'string').join('\n\n')
  const body = route.body && input ? requestBody(input, route.parameters) : undefined
  const parameters = [...fieldParameters(route, input), ...(operation.kind === 'command' ? [keyParameter(operation.facts)] : [])]
  return {
    operationId: id,
    tags: [operation.service],
    summary: operation.name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^./, (first) => first.toUpperCase()),
    description,
    'x-access': access.text,
    ...(operation.facts.deprecated ? { deprecated: true, 'x-deprecation': operation.facts.deprecated } : {}),
    ...(operation.facts.secret ? { 'x-secret': true } : {}),
    security,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: body } : {}),
    responses: {
      ...successNode(operation, components, id),
      ...problemNodes(operation, refusals, components, id),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function deprecationText({ facts: { deprecated } }: AnyOperation): string | undefined {
  if (!deprecated) return undefined
  const { since, sunset, link } = deprecated
  return (
    [`Deprecated since ${since}`, ...(sunset === undefined ? [] : [`may be gone from ${sunset}`]), ...(link === undefined ? [] : [`see ${link}`])].join('; ') +
    '.'
  )
}

function keyParameter({ secret }: AnyOperation['facts']): Node {
  const repeat = secret ? 'refused (answer_not_kept) once the first attempt was executed, since the answer is secret' : 'answered what the first attempt was'
  return {
    name: 'Idempotency-Key',
    in: 'header',
    description: `A repeat under the same key is ${repeat}; best a UUIDv7`,
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  }
}

function fieldParameters({ parameters, body }: Route, input: JsonSchema | undefined): Node[] {
  const fields = (input?.['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = (input?.['required'] ?? []) as readonly string[]
  const inPath = parameters.map((name) => ({ name, in: 'path', required: true, schema: fields[name] ?? { type: 'string' } }))
  if (body) return inPath
  const inQuery = Object.entries(fields)
    .filter(([name]) => !parameters.includes(name))
    // an absent list is an empty one, so lists are never required
    .map(([name, schema]) => ({ name, in: 'query', required: required.includes(name) && schema['type'] !== 'array', ...shapeOf(schema) }))
  return [...inPath, ...inQuery]
}

/** Objects stand in a query as JSON text, everything else as it is. */
function shapeOf(schema: JsonSchema): Node {
  return schema['type'] === 'object' ? { content: { 'application/json': { schema } } } : { schema }
}

function requestBody(input: JsonSchema, parameters: readonly string[]): Node | undefined {
  const { properties = {}, required = [], ...rest } = input as { properties?: Node; required?: readonly string[] }
  const isIn = (name: string) => !parameters.includes(name)
  const fields = Object.fromEntries(Object.entries(properties).filter(([name]) => isIn(name)))
  const needed = required.filter(isIn)
  if (Object.keys(fields).length === 0 && parameters.length > 0) return undefined
  const schema = '$ref' in input ? input : { ...rest, properties: fields, ...(needed.length > 0 ? { required: needed } : {}) }
  return { required: needed.length > 0, content: { 'application/json': { schema } } }
}

function successNode(operation: AnyOperation, components: SchemaComponents, id: string): Node {
  const { output } = operation.facts
  if (!output) return { 204: { description: 'Done' } }
  const once = { 'application/json': { schema: components.place(answerSchema(output), `${id}.Output`) } }
  return { 200: { description: 'Done', content: isWatchable(operation) ? { ...once, [EVENT_STREAM_TYPE]: { schema: streamSchema } } : once } }
}

const streamSchema: Node = {
  type: 'string',
  description:
    'Server-sent events (WHATWG HTML §9.2): the `data` of each is the answer as JSON, at once and again whenever it has changed; an event `problem` holds problem details and is the last',
}

/** Answers may gain fields, so what a reader must expect is open. */
function answerSchema(output: Schema): JsonSchema {
  return JSON.parse(
    JSON.stringify(outputJsonSchema(output), (key, value: unknown) => (key === 'additionalProperties' && value === false ? undefined : value)),
  ) as JsonSchema
}

/** What the contract declares and what the access rule refuses, by status; both may have the same. */
function problemNodes(operation: AnyOperation, refusals: Readonly<Record<string, string>>, components: SchemaComponents, id: string): Node {
  const byStatus = Map.groupBy(Object.entries(operation.facts.errors), ([name]) => String(declaredStatus(operation, name)))
  const statuses = new Set([...byStatus.keys(), ...Object.keys(refusals)])
  return Object.fromEntries(
    [...statuses].map((status) => {
      const errors = byStatus.get(status) ?? []
      const refusal = refusals[status]
      const declared = errors.map(([name, schema]) => declaredSchema(operation, name, components.place(answerSchema(schema), `${id}.${name}`)))
      const description = [...errors.map(([name]) => name), ...(refusal === undefined ? [] : [refusal])].join(' or ')
      return [status, { description, content: { [PROBLEM_TYPE]: { schema: oneOf(declared, refusal !== undefined) } } }]
    }),
  )
}

/** Any problem is a problem, so beside it a declared one is not the only one that fits. */
function oneOf(declared: readonly Node[], refused: boolean): Node {
  if (refused) return declared.length === 0 ? problemReference : { anyOf: [...declared, problemReference] }
  return declared.length === 1 ? declared[0]! : { oneOf: declared }
}

function declaredSchema({ service }: AnyOperation, name: string, details: JsonSchema): Node {
  const own = { type: { const: `urn:${service}:error:${name}` }, code: { const: name }, details }
  return { allOf: [problemReference, { type: 'object', properties: own, required: ['details'] }] }
}

const problemReference: Node = { $ref: '#/components/schemas/Problem' }
const problemSchema: Node = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code', 'executed', 'retryable'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    executed: { enum: ['no', 'maybe'], description: 'no: nothing happened; maybe: repeat only under the same Idempotency-Key' },
    retryable: { type: 'boolean' },
    issues: { type: 'array', items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } }, required: ['path', 'message'] } },
    details: {},
    traceId: { type: 'string' },
  },
}
