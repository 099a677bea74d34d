/** What `Cache-Control` of a request or an answer says (RFC 9111 §5.2, RFC 5861, RFC 8246). Times are seconds. */
export interface CacheControl {
  readonly noStore: boolean
  /** Also in its form with field names, which is taken as the one without: nothing is reused then that may not be. */
  readonly noCache: boolean
  readonly private: boolean
  readonly public: boolean
  readonly mustRevalidate: boolean
  readonly proxyRevalidate: boolean
  readonly mustUnderstand: boolean
  readonly immutable: boolean
  readonly onlyIfCached: boolean
  /** 0 also where the value is no number: such an answer is stale. */
  readonly maxAge: number | undefined
  readonly sMaxAge: number | undefined
  readonly minFresh: number | undefined
  /** Infinite when said without a value. */
  readonly maxStale: number | undefined
  readonly staleWhileRevalidate: number | undefined
  readonly staleIfError: number | undefined
}

/** A directive's argument: text, or `true` where it has none. */
export type Argument = string | true

/** Seconds above this are taken as this (RFC 9111 §1.2.2). */
export const LONGEST = 2_147_483_648

// a token, then perhaps a token or a quoted string; what follows up to the comma is not looked at
const directive = /([!#$%&'*+.^`|~\w-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\[^])*)"|([^\s,"]*)))?[^,"]*(?:"(?:[^"\\]|\\[^])*"[^,"]*)*(?:,|$)/gy
const separator = /[\s,]*/y

/** Directives in their order, names in lower case. Stops at what cannot be read. */
export function directives(text: string): readonly (readonly [name: string, argument: Argument])[] {
  const found: [string, Argument][] = []
  for (let at = skip(text, 0); at < text.length; at = skip(text, directive.lastIndex)) {
    directive.lastIndex = at
    const match = directive.exec(text)
    if (!match) return [...found, ...unread(text, at)]
    const quoted = match[2]?.replaceAll(/\\([^])/g, '$1')
    found.push([match[1]!.toLowerCase(), quoted ?? match[3] ?? true])
  }
  return found
}

function skip(text: string, from: number): number {
  separator.lastIndex = from
  separator.exec(text)
  return separator.lastIndex
}

/** What stands behind something that cannot be read, when it forbids: an open quote must not hide a `private`. */
function unread(text: string, from: number): readonly [string, Argument][] {
  return [...text.slice(from).matchAll(/\b(no-store|private|no-cache)\b/gi)].map(([name]) => [name.toLowerCase(), true])
}

/** Reads `Cache-Control`. Where a directive stands there twice, the more restrictive one counts (RFC 9111 §4.2.1). */
export function cacheControl(text: string | undefined): CacheControl {
  return text === undefined ? NOTHING : fromDirectives(directives(text))
}

export function fromDirectives(list: readonly (readonly [string, Argument])[]): CacheControl {
  const has = (name: string): boolean => list.some(([found]) => found === name)
  const all = (name: string): readonly Argument[] => list.filter(([found]) => found === name).map(([, argument]) => argument)
  const lifetime = (name: string): number | undefined => least(all(name).map((argument) => seconds(argument) ?? 0))
  const grant = (name: string): number | undefined => least(all(name).flatMap((argument) => seconds(argument) ?? []))
  return {
    noStore: has('no-store'),
    noCache: has('no-cache'),
    private: has('private'),
    public: has('public'),
    mustRevalidate: has('must-revalidate'),
    proxyRevalidate: has('proxy-revalidate'),
    mustUnderstand: has('must-understand'),
    immutable: has('immutable'),
    onlyIfCached: has('only-if-cached'),
    maxAge: lifetime('max-age'),
    sMaxAge: lifetime('s-maxage'),
    minFresh: most(all('min-fresh').flatMap((argument) => seconds(argument) ?? [])),
    maxStale: least(all('max-stale').flatMap((argument) => (argument === true ? Number.POSITIVE_INFINITY : (seconds(argument) ?? [])))),
    staleWhileRevalidate: grant('stale-while-revalidate'),
    staleIfError: grant('stale-if-error'),
  }
}

/** What an absent field says. */
export const NOTHING: CacheControl = fromDirectives([])

function seconds(argument: Argument): number | undefined {
  return argument !== true && /^\d+$/.test(argument) ? Math.min(Number(argument), LONGEST) : undefined
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values)
}

function most(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
