import { BanyanError } from '../../kernel/errors.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { matchPath, writePath } from './path-pattern.ts'

interface RedirectSettings {
  readonly to: string
  readonly status?: number
  readonly query?: 'keep' | 'drop'
}

/** Sends clients elsewhere. */
export const redirectPolicy: PolicyKind<RedirectSettings> = {
  name: 'redirect',
  schema: {
    description: 'Sends clients to another address; what stands behind it is not asked, and the route needs no upstream.',
    type: 'object',
    properties: {
      to: {
        description: '`/articles/:id`, or with an origin before it: `https://www.example.com/*`; `:id` and `*` are taken from the path of the route.',
        type: 'string',
        pattern: '^(?:https?://[^/?#*\\s]+)?/[^?#*\\s]*\\*?$',
        patternErrorMessage: "a path such as '/articles/:id', with or without 'https://example.com' before it",
      },
      status: {
        description: '308 unless said: for good, with the same method. 307 is for now; 301, 302 and 303 make GET of other methods.',
        enum: [301, 302, 303, 307, 308],
      },
      query: { description: 'Whether the query goes along (`keep`, the default).', enum: ['keep', 'drop'] },
    },
    required: ['to'],
    additionalProperties: false,
  },
  describe: ({ to, status = 308 }) => ({ ends: true, answers: { [status]: `It stands at ${to}` } }),
  open({ to, status = 308, query: fate = 'keep' }) {
    const [origin, path] = split(to)
    return async ({ route, path: asked, query }) => {
      // made of whole segments, so that it never begins with two slashes, which would name another host
      const target = writePath(path, matchPath(route.match.path, asked) ?? { parameters: {}, rest: '' })
      const location = `${origin}${target}${fate === 'keep' && query !== '' ? `?${query}` : ''}`
      return { status, headers: { location, 'content-length': '0' }, body: undefined }
    }
  },
}

function split(to: string): readonly [string, string] {
  const origin = /^https?:\/\/[^/]+/.exec(to)?.[0] ?? ''
  if (origin !== '' && URL.parse(origin) === null)
    throw new BanyanError('invalid_configuration', `'${to}' is no address; write one such as 'https://www.example.com/*'`)
  return [origin, to.slice(origin.length)]
}
