import { BanyanError } from '../../kernel/errors.ts'
import { deprecationHeaders, type DeprecationFacts } from '../../network/http/deprecation-headers.ts'
import { FIELD_NAME } from '../file/schema-texts.ts'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { PolicyKind } from '../policy-kind.ts'
import type { Headers } from './header-changes.ts'

type Way = 'url' | 'header' | 'query'

interface VersionsSettings {
  readonly versions: Readonly<Record<string, DeprecationFacts | null>>
  readonly default?: string | number
  readonly by?: readonly Way[]
  readonly header?: string
  readonly query?: string
}

/** The version that a request asks for, and the request without what it said so by in its path or query. */
interface Asked {
  readonly version: string
  readonly request: EdgeRequest
}

const HEADER = 'api-version'
const QUERY = 'version'

const date = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}(?::\\d{2})?Z)?$',
  patternErrorMessage: "a day such as '2026-12-01', or a moment such as '2026-12-01T08:00Z'",
} as const

/** Finds out which version of an API a request asks for, tells the upstream, and tells clients of old ones that they are. */
export const versionsPolicy: PolicyKind<VersionsSettings> = {
  name: 'versions',
  schema: {
    description:
      'Finds the version that a request asks for by its path (`/v1/orders`), a header or a query parameter, and sends it on with the header `api-version`, without `/v1` or the parameter. Versions that there are not are refused.',
    type: 'object',
    properties: {
      versions: {
        description: 'The versions that there are, by name: `1`, `2`, `2026-11-01`.',
        type: 'object',
        minProperties: 1,
        propertyNames: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', patternErrorMessage: 'a name of letters, digits, dots and dashes' },
        additionalProperties: {
          type: ['object', 'null'],
          properties: {
            deprecated: { description: 'Since when, or from when on, it should not be used any more: the header Deprecation (RFC 9745).', ...date },
            sunset: { description: 'From when on it may be gone: the header Sunset (RFC 8594).', ...date },
            link: {
              description: 'A page that says what to do instead: the header Link.',
              type: 'string',
              pattern: '^https?://[^\\s<>"]+$',
              patternErrorMessage: 'the address of a page',
            },
          },
          additionalProperties: false,
        },
      },
      default: { description: 'The version of requests that ask for none; unless said, they are refused.', type: ['string', 'number'] },
      by: {
        description: 'Where the version is looked for; the first that says one counts. All three unless said.',
        type: 'array',
        items: { enum: ['url', 'header', 'query'] },
        minItems: 1,
        uniqueItems: true,
      },
      header: { description: 'The header of requests; api-version unless said.', ...FIELD_NAME },
      query: { description: 'The query parameter; version unless said.', type: 'string', minLength: 1 },
    },
    required: ['versions'],
    additionalProperties: false,
  },
  describe({ versions, default: said, by = ['url', 'header', 'query'], header = HEADER, query = QUERY }, { path }) {
    const named = by.includes('url') ? /^\/+v(\d[A-Za-z0-9._-]*)(?=\/|$)/.exec(path) : null
    const usual = said === undefined ? undefined : String(said)
    const schema = { type: 'string', enum: Object.keys(versions) }
    const place = (where: string, name: string) => ({
      name,
      in: where,
      required: false,
      schema,
      description: usual === undefined ? 'The version.' : `The version; ${usual} unless said.`,
    })
    // where the path says none, one that is not said is the default
    const meant = named?.[1] ?? usual
    const facts = meant === undefined ? undefined : versions[meant]
    return {
      answers: { 400: 'There is no such version, or none was said' },
      parameters: named ? [] : [...(by.includes('header') ? [place('header', header)] : []), ...(by.includes('query') ? [place('query', query)] : [])],
      ...(named && { path: path.slice(named[0].length) || '/' }),
      ...(facts?.deprecated !== undefined && { deprecated: facts }),
    }
  },
  open({ versions, default: said, by = ['url', 'header', 'query'], header = HEADER, query = QUERY }) {
    const names = Object.keys(versions)
    // who writes `default: 2` means the key 2, which is a text as all keys are
    const usual = said === undefined ? undefined : String(said)
    if (usual !== undefined && !names.includes(usual))
      throw new BanyanError('invalid_configuration', `the default is '${usual}'; the versions are ${names.join(', ')}`)
    const facts = new Map(Object.entries(versions).map(([name, version]) => [name, deprecationHeaders(version ?? {})]))
    const ways = by.map((way) => ({ url: askedByUrl, header: askedByHeader(header.toLowerCase()), query: askedByQuery(query) })[way])
    const vary = by.includes('header') ? header.toLowerCase() : undefined

    return async (request, next) => {
      const asked = firstOf(ways, request) ?? (usual === undefined ? undefined : { version: usual, request })
      if (asked === undefined) throw refusal(`the request says no version, by ${by.join(', ')}; the versions are ${names.join(', ')}`)
      const told = facts.get(asked.version)
      if (told === undefined) throw refusal(`there is no version '${asked.version}'; there are ${names.join(', ')}`)
      const answer = await next({ ...asked.request, headers: { ...asked.request.headers, [HEADER]: asked.version } })
      return { ...answer, headers: withVersion(answer, { ...told, [HEADER]: asked.version }, vary) }
    }
  },
}

function refusal(message: string): BanyanError {
  return new BanyanError('malformed_request', message)
}

function firstOf(ways: readonly ((request: EdgeRequest) => Asked | undefined)[], request: EdgeRequest): Asked | undefined {
  for (const way of ways) {
    const asked = way(request)
    if (asked) return asked
  }
  return undefined
}

/** `/v1/orders`; a path that does not begin so says nothing. */
function askedByUrl(request: EdgeRequest): Asked | undefined {
  const found = /^\/+v(\d[A-Za-z0-9._-]*)(?=\/|$)/.exec(request.path)
  if (!found) return undefined
  return { version: found[1]!, request: { ...request, path: request.path.slice(found[0].length) || '/' } }
}

function askedByHeader(header: string): (request: EdgeRequest) => Asked | undefined {
  return (request) => {
    const version = request.headers[header]
    return typeof version === 'string' && version !== '' ? { version, request } : undefined
  }
}

function askedByQuery(name: string): (request: EdgeRequest) => Asked | undefined {
  return (request) => {
    const version = new URLSearchParams(request.query).get(name)
    if (version === null || version === '') return undefined
    const rest = request.query.split('&').filter((pair) => !new URLSearchParams(pair).has(name))
    return { version, request: { ...request, query: rest.join('&') } }
  }
}

/** What an answer says already of its deprecation stays; caches are told that the header makes a difference (RFC 9110 §12.5.5). */
function withVersion({ headers }: EdgeAnswer, said: Headers, vary: string | undefined): Headers {
  const joined = { ...said, ...headers, [HEADER]: said[HEADER] }
  if (vary === undefined || headers['vary'] === '*') return joined
  return { ...joined, vary: headers['vary'] === undefined ? vary : `${[headers['vary']].flat().join(', ')}, ${vary}` }
}
