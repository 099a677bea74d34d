import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import { field, lowerCased } from './fields.ts'

/** Methods that change nothing at the origin (RFC 9110 §9.2.1). */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'REPORT', 'SEARCH'])

export function isSafe(method: string): boolean {
  return safe.has(method)
}

/** The resource that a request is about. */
export function urlOf({ headers, path, query }: EdgeRequest): string {
  const host = headers.host?.toLowerCase() ?? ''
  return query === '' ? `${host}${path}` : `${host}${path}?${query}`
}

/** The resources whose stored answers an answer to an unsafe request makes doubtful: its own and those it names, on the same host (RFC 9111 §4.4). */
export function invalidated(request: EdgeRequest, answer: EdgeAnswer): readonly string[] {
  if (isSafe(request.method) || answer.status < 200 || answer.status >= 400) return []
  const own = urlOf(request)
  const fields = lowerCased(answer.headers)
  const named = ['location', 'content-location'].flatMap((name) => resolve(field(fields, name), own) ?? [])
  return [...new Set([own, ...named])]
}

function resolve(reference: string | undefined, own: string): string | undefined {
  const base = `http://${own}`
  if (reference === undefined || !URL.canParse(reference, base) || !URL.canParse(base)) return undefined
  const { host, pathname, search } = new URL(reference, base)
  const mine = own.slice(0, own.indexOf('/'))
  // without a port said, https and http are one to a gateway in front of both
  return host === new URL(base).host ? `${mine}${pathname}${search}` : undefined
}
