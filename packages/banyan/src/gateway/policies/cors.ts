import { BanyanError } from '../../kernel/errors.ts'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { PolicyKind } from '../policy-kind.ts'

export interface CorsSettings {
  /** `https://shop.example.com`, or `*` alone for everybody's. */
  readonly origins: readonly string[]
  readonly methods?: readonly string[]
  readonly headers?: readonly string[]
  readonly expose?: readonly string[]
  readonly credentials?: boolean
  /** Seconds. */
  readonly maxAge?: number
}

const list = (description: string) => ({ type: 'array', items: { type: 'string', minLength: 1 }, description })

/** Lets pages of other origins ask, and answers their preflights (Fetch Standard, CORS protocol). What an upstream says of CORS is replaced. */
export const cors: PolicyKind<CorsSettings> = {
  name: 'cors',
  schema: {
    description: 'Lets pages of other origins ask, and answers their preflights. What an upstream says of CORS is replaced.',
    type: 'object',
    properties: {
      origins: { ...list('Origins whose pages may ask, such as https://shop.example.com; "*" alone for all.'), minItems: 1 },
      methods: list('Methods that they may use; GET, HEAD, POST, PUT, PATCH and DELETE unless said.'),
      headers: list('Header fields that they may send; Authorization and Content-Type unless said.'),
      expose: list('Header fields of the answer that they may read.'),
      credentials: { type: 'boolean', description: 'Whether cookies go along; false unless said, and never together with "*".' },
      maxAge: { type: 'integer', minimum: 0, description: 'Seconds that a browser remembers the answer to a preflight; 600 unless said.' },
    },
    required: ['origins'],
    additionalProperties: false,
  },
  open: (settings) => {
    const all = settings.origins.includes('*')
    if (all && (settings.credentials === true || settings.origins.length > 1))
      throw new BanyanError('invalid_configuration', `cors allows the origin '*', which stands alone and without credentials; list the origins instead`)
    const allowed = new Set(settings.origins)
    return async (request, next) => {
      const { origin } = request.headers
      const may = origin !== undefined && (all || allowed.has(origin))
      if (isPreflight(request)) return { status: 204, headers: may ? preflight(settings, all ? '*' : origin) : { vary: 'Origin' }, body: undefined }
      const answer = await next(request)
      return { ...answer, headers: { ...withoutCors(answer, !all), ...(may && granted(settings, all ? '*' : origin)) } }
    }
  },
}

function isPreflight({ method, headers }: EdgeRequest): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

function granted({ credentials = false, expose = [] }: CorsSettings, origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    ...(credentials && { 'access-control-allow-credentials': 'true' }),
    ...(expose.length > 0 && { 'access-control-expose-headers': expose.join(', ') }),
  }
}

function preflight(settings: CorsSettings, origin: string): Record<string, string> {
  const { methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], headers = ['authorization', 'content-type'], maxAge = 600 } = settings
  return {
    ...granted({ ...settings, expose: [] }, origin),
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': headers.join(', '),
    'access-control-max-age': String(maxAge),
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  }
}

/** The answer's fields without those of CORS; `varies`: the answer depends on who asks, and caches must know it. */
function withoutCors({ headers }: EdgeAnswer, varies: boolean): Record<string, string | readonly string[] | undefined> {
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')))
  if (!varies) return rest
  const before = [rest['vary'] ?? []].flat().join(', ')
  return { ...rest, vary: before === '' ? 'Origin' : /(?:^|[\s,])(?:origin|\*)(?:$|[\s,])/i.test(before) ? before : `${before}, Origin` }
}
