import { BanyanError } from '../../kernel/errors.ts'
import type { JsonSchema } from '../file/schema-texts.ts'

/** What a path has at the places that a pattern leaves open, still percent-encoded. */
export interface Found {
  readonly parameters: Readonly<Record<string, string>>
  /** What `*` stands for, without a slash before it. */
  readonly rest: string
}

/** The pattern of a path where another is expected to be written from it. */
export const pathPatternSchema: JsonSchema = {
  type: 'string',
  pattern: '^/[^?#*\\s]*\\*?$',
  patternErrorMessage: "a path that begins with '/' and has no '*' but at its end, such as '/v2/items/:id' or '/files/*'",
}

/** What a path has where `/api/:id` or `/files/*` leaves it open; `undefined` where they do not fit. Empty segments count for nothing. */
export function matchPath(pattern: string, path: string): Found | undefined {
  const wanted = segments(pattern)
  const given = segments(path)
  const open = wanted.at(-1) === '*'
  const length = open ? wanted.length - 1 : wanted.length
  if (open ? given.length < length : given.length !== length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, segment] of wanted.slice(0, length).entries()) {
    const there = given[index]!
    if (segment.startsWith(':')) parameters[segment.slice(1)] = there
    else if (segment !== there && segment !== decoded(there)) return undefined
  }
  // a slash at the end means something to some servers
  const rest = given.slice(length).join('/')
  return { parameters, rest: open && rest !== '' && path.endsWith('/') ? `${rest}/` : rest }
}

/** The path that a pattern makes of what another has found. Throws `invalid_configuration` where it needs a parameter that was not found. */
export function writePath(pattern: string, found: Found): string {
  const written = segments(pattern).map((segment) =>
    segment === '*' ? found.rest : segment.startsWith(':') ? parameter(segment.slice(1), pattern, found) : segment,
  )
  return `/${written.join('/')}`
}

function parameter(name: string, pattern: string, { parameters }: Found): string {
  const value = parameters[name]
  if (value !== undefined) return value
  const there = Object.keys(parameters).map((known) => `:${known}`)
  throw new BanyanError(
    'invalid_configuration',
    `the path '${pattern}' of a policy takes ':${name}' from the path of its route, which has ${there.join(', ') || 'none'}`,
  )
}

/** Throws `invalid_configuration` where a pattern to write needs what the pattern that is matched does not find. */
export function checkPatterns(from: string, to: string): void {
  const found = new Set(segments(from))
  const missing = segments(to).find((segment) => (segment === '*' || segment.startsWith(':')) && !found.has(segment))
  if (missing === undefined) return
  throw new BanyanError('invalid_configuration', `the path '${to}' takes '${missing}' from '${from}', which does not have it; write it there too`)
}

function segments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // routes refuse what is not encoded well; it fits nothing here
  }
}
