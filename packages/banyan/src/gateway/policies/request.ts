import type { EdgeRequest } from '../exchange.ts'
import type { DescribedRoute } from '../openapi/policy-description.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { BODY_LIMIT, bodyMapping, bodyMappingSchema, type BodyMapping } from './body-mapping.ts'
import { headerChanges, headerChangesSchema, type HeaderChanges } from './header-changes.ts'
import { isJson, jsonMessage, readJson, streamOf } from './json-message.ts'
import { checkPatterns, matchPath, pathPatternSchema, writePath } from './path-pattern.ts'
import { queryChanges, queryChangesSchema, type QueryChanges } from './query-changes.ts'

type PathChange = { readonly from: string; readonly to: string }

interface RequestSettings {
  readonly headers?: HeaderChanges
  readonly query?: QueryChanges
  readonly path?: string | PathChange | readonly PathChange[]
  readonly body?: BodyMapping
}

const pathChange = {
  type: 'object',
  properties: { from: { description: 'What it must be.', ...pathPatternSchema }, to: { description: 'What it becomes.', ...pathPatternSchema } },
  required: ['from', 'to'],
  additionalProperties: false,
} as const

/** Changes requests before they are sent on. */
export const requestPolicy: PolicyKind<RequestSettings> = {
  name: 'request',
  schema: {
    description: 'Changes requests: headers, query, path and JSON body.',
    type: 'object',
    properties: {
      headers: { description: 'Header fields.', ...headerChangesSchema },
      query: { description: 'Parameters of the query.', ...queryChangesSchema },
      path: {
        description:
          'What the path becomes: `/v2/items/:id`, with `:id` and `*` from the path of the route; or `{ from: /api/:id, to: /v2/items/:id }`, or a list of such, of which the first that fits is taken.',
        type: ['string', 'object', 'array'],
        if: { type: 'string' },
        then: pathPatternSchema,
        else: { if: { type: 'array' }, then: { items: pathChange, minItems: 1 }, else: pathChange },
      },
      body: bodyMappingSchema,
    },
    additionalProperties: false,
    minProperties: 1,
  },
  describe: ({ path }, at) => (path === undefined ? {} : { path: patternOf(path, at) }),
  open({ headers = {}, query, path, body }) {
    const headersOf = headerChanges(headers)
    const queryOf = query && queryChanges(query)
    const pathOf = path === undefined ? undefined : pathChanges(path)
    const changed = (request: EdgeRequest): EdgeRequest => ({
      ...request,
      headers: headersOf(request.headers),
      query: queryOf ? queryOf(request.query) : request.query,
      path: pathOf ? pathOf(request) : request.path,
    })
    if (!body) return (request, next) => next(changed(request))
    const bodyOf = bodyChange(body)
    return async (request, next) => next(await bodyOf(changed(request)))
  },
}

/** What becomes of the pattern of a path; a pattern has `:id` and `*` where paths have texts. */
function patternOf(change: NonNullable<RequestSettings['path']>, { route, path }: DescribedRoute): string {
  const changes = typeof change === 'string' ? [{ from: route, to: change }] : [change].flat()
  for (const one of changes) {
    const changed = written(one, path)
    if (changed !== undefined) return changed
  }
  return path
}

function pathChanges(path: NonNullable<RequestSettings['path']>): (request: EdgeRequest) => string {
  if (typeof path === 'string') return (request) => written({ from: request.route.match.path, to: path }, request.path) ?? request.path
  const changes = [path].flat()
  for (const { from, to } of changes) checkPatterns(from, to)
  return (request) => {
    for (const change of changes) {
      const changed = written(change, request.path)
      if (changed !== undefined) return changed
    }
    return request.path
  }
}

function written({ from, to }: PathChange, path: string): string | undefined {
  const found = matchPath(from, path)
  return found && writePath(to, found)
}

function bodyChange(mapping: BodyMapping): (request: EdgeRequest) => Promise<EdgeRequest> {
  const map = bodyMapping(mapping)
  const bounds = { limit: mapping.limit ?? BODY_LIMIT, tooLarge: 'payload_too_large', malformed: 'malformed_request', what: 'the body' } as const
  return async (request) => {
    if (request.body === undefined || !isJson(request.headers)) return request
    const { headers, body } = jsonMessage(request.headers, map((await readJson(request.body, request.headers, bounds)) ?? null))
    return { ...request, headers, body: streamOf(body) }
  }
}
