import { request as send, type IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { valuesOf, type Definitions, type Schema } from './from-schema.ts'
import { damaged, oddBodies, oddTexts } from './malformed.ts'

/** What an OpenAPI document says of the operations. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationNode>>>>
  readonly components: { readonly schemas: Definitions }
}
interface OperationNode {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}

export interface FuzzRequest {
  readonly method: string
  /** As it goes over the line. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
}
export interface FuzzAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Requests for each operation of a document, by its method and path. `tokens`: whose requests they may be. */
export function requestsOf(document: ApiDocument, tokens: readonly string[]): readonly (readonly [operation: string, requests: fc.Arbitrary<FuzzRequest>])[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, node]) => [`${method.toUpperCase()} ${path}`, requests(method.toUpperCase(), path, node, { document, tokens })] as const,
    ),
  )
}

interface Circumstances {
  readonly document: ApiDocument
  readonly tokens: readonly string[]
}

function requests(method: string, path: string, node: OperationNode, { document, tokens }: Circumstances): fc.Arbitrary<FuzzRequest> {
  const definitions = document.components.schemas
  const schemaOfBody = node.requestBody?.content['application/json']?.schema
  const good = schemaOfBody ? valuesOf(schemaOfBody, definitions) : fc.constant(undefined)
  const json = (value: unknown) => (value === undefined ? undefined : Buffer.from(JSON.stringify(value)))
  const bodies = fc.oneof(
    { weight: 4, arbitrary: good.map(json) },
    { weight: 4, arbitrary: good.chain(damaged).map(json) },
    { weight: 1, arbitrary: oddBodies },
  )
  const parameters = (place: string) =>
    fc.tuple(
      ...(node.parameters ?? [])
        .filter((parameter) => parameter.in === place)
        .map(({ name, schema, required = false }) => {
          const value = fc.oneof(
            { weight: 5, arbitrary: valuesOf(schema, definitions).map(text) },
            { weight: 2, arbitrary: oddTexts },
            { weight: 1, arbitrary: rawTexts },
          )
          return fc.tuple(fc.constant(name), required || place === 'path' ? value : fc.option(value, { nil: undefined }))
        }),
    )
  return fc
    .record({ inPath: parameters('path'), inQuery: parameters('query'), extra: fc.option(oddTexts, { freq: 5 }), body: bodies, headers: headers(tokens) })
    .map(({ inPath, inQuery, extra, body, headers: said }) => {
      const filled = inPath.reduce((target, [name, value]) => target.replace(`{${name}}`, encoded(value ?? '') || '%20'), path)
      const query = [...inQuery, ...(extra === null ? [] : [['extra', extra] as const])].flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${encoded(value)}`],
      )
      return { method, target: query.length > 0 ? `${filled}?${query.join('&')}` : filled, headers: said, body: method === 'GET' ? undefined : body }
    })
}

/** Already as they go over the line; a letter that no text has marks them. */
const RAW = '\ue000'
const rawTexts = fc.constantFrom('%', '%00', '%ff%fe', '%c0%ae%c0%ae', '%2e%2e%2f', '..;/', '%25%30%30', ';a=b', '+').map((raw) => RAW + raw)

function encoded(value: string): string {
  return value.startsWith(RAW) ? value.slice(1) : encodeURIComponent(value.toWellFormed())
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function headers(tokens: readonly string[]): fc.Arbitrary<Readonly<Record<string, string>>> {
  const odd = fc.constantFrom(
    '',
    ' ',
    ',',
    '"',
    '%00',
    '\u00e9',
    'x'.repeat(500),
    '-1',
    '99999999999999999999',
    '00-00000000000000000000000000000000-0000000000000000-00',
  )
  const authorization = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...tokens).map((token) => `Bearer ${token}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('Bearer', 'Bearer x.y.z', 'Basic YTpi', `Bearer ${'a'.repeat(4_000)}`, 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'),
    },
  )
  const contentType = fc.oneof(
    { weight: 8, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'multipart/form-data', 'application/x-www-form-urlencoded', ';'),
    },
  )
  return fc
    .record(
      {
        authorization,
        'content-type': contentType,
        'idempotency-key': odd,
        traceparent: odd,
        'banyan-session': odd,
        accept: odd,
        'accept-encoding': odd,
        'if-none-match': odd,
      },
      { requiredKeys: ['content-type'] },
    )
    .map((said) => Object.fromEntries(Object.entries(said).filter((entry): entry is [string, string] => entry[1] !== undefined)))
}

/** Sends it as it stands. Fails when there is no whole answer within `ms`. */
export function ask(url: string, { method, target, headers: said, body }: FuzzRequest, ms: number): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ms)
    const outgoing = send(
      { hostname, port, method, path: target, headers: { ...said, ...(body && { 'content-length': String(body.length) }) }, signal },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.once('error', reject)
        answer.once('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(chunks).toString() }))
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
